#pragma once

#include "core/simd.h"

#ifdef CNE_AVX512

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

#include "tensor/gemm_load.h"
#include "tensor/gemm_pack_avx512.h"
#include "tensor/gemm_vector.h"

// Tiles of products of a few rows, for gemm_skinny.

namespace cne::tensor::skinny {

/// Rows of a tile at most: more of them are several tiles.
constexpr int kRows = 8;
/// Vectors of a tile at most, by its rows: with one of b each and one of a they fill the registers.
constexpr std::array<int, kRows + 1> kVectors{0, 8, 8, 6, 6, 5, 4, 3, 3};
template <typename T>
constexpr int64_t kLanes = 64 / static_cast<int64_t>(sizeof(T));

/// Rows of a by columns of b that lie side by side; the sums begin with 0 or go on.
template <typename T>
struct Tile {
  const T* a;  // (depth, rows) without gaps
  const T* b;
  int64_t b_row;
  int64_t depth;
  T* sums;
  int64_t sums_row;
  bool begins;
  typename GemmVector<T>::Mask mask;  // of the vector, where it isn't whole
};

template <typename T, int R, int V, bool kIsWhole>
CNE_AVX512 void multiply(const Tile<T>& t) {
  using Lanes = GemmVector<T>;
  typename Lanes::Type sums[R][V];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      const T* from = t.sums + i * t.sums_row + v * kLanes<T>;
      sums[i][v] = t.begins   ? Lanes::zero()
                   : kIsWhole ? Lanes::load(from)
                              : Lanes::load(t.mask, from);
    }
  const T* a = t.a;
  const T* b = t.b;
  for (int64_t k = 0; k < t.depth; ++k, a += R, b += t.b_row) {
    typename Lanes::Type row[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      row[v] = kIsWhole ? Lanes::load(b + v * kLanes<T>) : Lanes::load(t.mask, b);
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      const typename Lanes::Type value = Lanes::all(a[i]);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) sums[i][v] = Lanes::fma(value, row[v], sums[i][v]);
    }
  }
  constexpr auto kAll = static_cast<typename Lanes::Mask>(-1);
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v)
      Lanes::store(t.sums + i * t.sums_row + v * kLanes<T>, kIsWhole ? kAll : t.mask, sums[i][v]);
}

/// A block of as many rows as columns, which lie `row` apart and are turned in registers, and as
/// many steps along the depth; of the last one, `depth`.
template <typename T, int R, bool kIsWhole, bool kIsLast>
[[gnu::always_inline]] CNE_AVX512 inline void multiply_block(
    const Tile<T>& t, int64_t k, int64_t columns, typename GemmVector<T>::Type (&sums)[R]) {
  constexpr int kCount = static_cast<int>(kLanes<T>);
  const int64_t depth = kIsLast ? t.depth - k : kCount;
  const T* a = t.a + k * R;
  const T* b = t.b + k;
  __m512i rows[kCount];
#pragma GCC unroll 16
  for (int j = 0; j < kCount; ++j)
    rows[j] =
        kIsWhole || j < columns ? Load<T>::load(b + j * t.b_row, depth) : _mm512_setzero_si512();
  transpose_words(typename Load<T>::Word{}, rows);
#pragma GCC unroll 16
  for (int step = 0; step < kCount; ++step) {
    if (kIsLast && step >= depth) break;
    const auto row = std::bit_cast<typename GemmVector<T>::Type>(rows[step]);
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i)
      sums[i] = GemmVector<T>::fma(GemmVector<T>::all(a[step * R + i]), row, sums[i]);
  }
}

/// As multiply, for sums that begin with 0, where the rows of b lie side by side, `b_row` from
/// column to column. The columns are those of a vector, or of the mask.
template <typename T, int R, bool kIsWhole>
CNE_AVX512 void multiply_turned(const Tile<T>& t, int64_t columns) {
  using Lanes = GemmVector<T>;
  typename Lanes::Type sums[R];
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i) sums[i] = Lanes::zero();
  int64_t k = 0;
  for (; k + kLanes<T> <= t.depth; k += kLanes<T>)
    multiply_block<T, R, kIsWhole, false>(t, k, columns, sums);
  if (k < t.depth) multiply_block<T, R, kIsWhole, true>(t, k, columns, sums);
#pragma GCC unroll 8
  for (int i = 0; i < R; ++i) Lanes::store(t.sums + i * t.sums_row, t.mask, sums[i]);
}

template <typename T>
using Multiply = void (*)(const Tile<T>&);

/// By vectors, of which none is the one that isn't whole.
template <typename T, int R, int... V>
constexpr std::array<Multiply<T>, 9> of_rows(std::integer_sequence<int, V...>) {
  return {multiply<T, R, 1, false>, multiply<T, R, V + 1, true>...};
}
template <typename T, int... R>
constexpr std::array<std::array<Multiply<T>, 9>, kRows> all_tiles(
    std::integer_sequence<int, R...>) {
  return {of_rows<T, R + 1>(
      std::make_integer_sequence<int, kVectors[static_cast<size_t>(R) + 1]>())...};
}

template <typename T>
using MultiplyTurned = void (*)(const Tile<T>&, int64_t);
/// By rows; of columns of a part of a vector, and of a whole one.
template <typename T, int... R>
constexpr std::array<std::array<MultiplyTurned<T>, 2>, kRows> turned_tiles(
    std::integer_sequence<int, R...>) {
  return {std::array<MultiplyTurned<T>, 2>{multiply_turned<T, R + 1, false>,
                                           multiply_turned<T, R + 1, true>}...};
}

}  // namespace cne::tensor::skinny

#endif
