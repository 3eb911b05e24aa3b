#pragma once

#include <cmath>
#include <cstdint>

#include "core/error.h"
#include "core/kernel.h"
#include "tensor/device_element.h"
#include "tensor/device_fragment.h"
#include "tensor/element.h"

namespace cne::tensor {

// Rows that lie one behind the other, of float32, float16 or bfloat16, by kLanes threads each: what
// kernels of losses and norms are made of. Elements are read and written 16 bytes at a time where
// rows begin at multiples of that.

/// Threads of a row: a warp of several rows in a block, or all of a block.
inline constexpr int kRowThreads = 256;
inline constexpr int64_t kShortRow = 1024;  // longer ones belong to a block

template <typename T>
bool is_row_aligned(const T* rows, int64_t length) {
  return reinterpret_cast<uintptr_t>(rows) % 16 == 0 && length * sizeof(T) % 16 == 0;
}

/// Calls f(T{}, std::integral_constant<int, kLanes>{}) for rows of some length. Throws TypeError
/// for other types than float32, float16 and bfloat16.
template <typename F>
void with_rows(Element element, int64_t length, const char* function, const F& f) {
  with_device_float(element, function, [&](auto type) {
    if (length <= kShortRow)
      f(type, std::integral_constant<int, 32>{});
    else
      f(type, std::integral_constant<int, kRowThreads>{});
  });
}

/// f(i, x) for the elements of `lane`.
template <int kLanes, typename T, typename F>
CNE_BODY inline void for_row(const T* row, int64_t length, int lane, bool is_aligned, const F& f) {
  constexpr int kEach = 16 / sizeof(T);
  if (is_aligned) {
    for (int64_t i = int64_t{lane} * kEach; i < length; i += kLanes * kEach) {
      struct alignas(16) Piece {
        T at[kEach];
      };
      const Piece piece = *reinterpret_cast<const Piece*>(row + i);
      CNE_UNROLL
      for (int k = 0; k < kEach; ++k) f(i + k, to_float(piece.at[k]));
    }
  } else {
    for (int64_t i = lane; i < length; i += kLanes) f(i, to_float(row[i]));
  }
}

/// to[i] = f(i, from[i]) for the elements of `lane`; both are aligned, or neither counts as such.
template <int kLanes, typename T, typename F>
CNE_BODY inline void map_row(const T* from, T* to, int64_t length, int lane, bool is_aligned,
                             const F& f) {
  constexpr int kEach = 16 / sizeof(T);
  if (is_aligned) {
    for (int64_t i = int64_t{lane} * kEach; i < length; i += kLanes * kEach) {
      struct alignas(16) Piece {
        T at[kEach];
      };
      Piece piece = *reinterpret_cast<const Piece*>(from + i);
      CNE_UNROLL
      for (int k = 0; k < kEach; ++k) piece.at[k] = from_float<T>(f(i + k, to_float(piece.at[k])));
      *reinterpret_cast<Piece*>(to + i) = piece;
    }
  } else {
    for (int64_t i = lane; i < length; i += kLanes) to[i] = from_float<T>(f(i, to_float(from[i])));
  }
}

/// All threads of a row get what their values give together, in an order that depends on kLanes
/// alone. `shared` has room for a value of each warp, and is free again behind the next barrier.
template <int kLanes, typename T, typename Block, typename Values, typename Join>
CNE_BODY inline void join_row(Block& block, Values& values, T* shared, const Join& join) {
  if constexpr (kLanes <= 32) {
    block.template join_lanes<kLanes>(values, join);
  } else {
    block.template join_lanes<32>(values, join);
    block.each([&](int t) {
      if (t % 32 == 0) shared[t / 32] = values[t];
    });
    block.each([&](int t) {
      T all = shared[t / kLanes * (kLanes / 32)];
      for (int i = 1; i < kLanes / 32; ++i) all = join(all, shared[t / kLanes * (kLanes / 32) + i]);
      values[t] = all;
    });
  }
}

}  // namespace cne::tensor
