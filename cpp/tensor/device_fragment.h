#pragma once

#include <bit>
#include <cstdint>

#include "core/kernel.h"
#include "tensor/half.h"

namespace cne::tensor {

// Parts of matrices as the lanes of a warp hold them for its matrix unit, which adds the product of
// 16 x 16 and 16 x 8 elements to 16 x 8 float32 at once (mma.sync.m16n8k16 from sm_80 on). With
// g = lane / 4 and q = 2 (lane % 4) a lane holds
//
//   left[i], i < 8          row g + 8 (i / 2 % 2), column q + i % 2 + 8 (i / 4)
//   right[i], i < 4         row q + i % 2 + 8 (i / 2), column g
//   accumulator[i], i < 4   row g + 8 (i / 2), column q + i % 2
//
// float16 and bfloat16 are two to a word, float32 are the sum of two numbers of 11 bits (tf32),
// of which the product of both low ones is left out: an error of 2^-21 of a product. Functions
// that take a block are what its warps do together. Here they are for HostBlock;
// cuda/tensor/device_fragment.cuh has those of a GPU.

template <typename T>
struct LeftFragment {
  uint32_t pairs[4];
};
template <>
struct LeftFragment<float> {
  float high[8];
  float low[8];
};
/// Two of them side by side: columns 0 to 7 and 8 to 15.
template <typename T>
struct RightFragments {
  uint32_t pairs[4];
};
template <>
struct RightFragments<float> {
  float high[8];
  float low[8];
};
struct Accumulator {
  float at[4];
};

CNE_HD inline int left_row(int lane, int i) { return lane / 4 + 8 * (i / 2 % 2); }
CNE_HD inline int left_column(int lane, int i) { return 2 * (lane % 4) + i % 2 + 8 * (i / 4); }
CNE_HD inline int right_row(int lane, int i) { return 2 * (lane % 4) + i % 2 + 8 * (i / 2); }
CNE_HD inline int right_column(int lane) { return lane / 4; }
CNE_HD inline int sum_row(int lane, int i) { return lane / 4 + 8 * (i / 2); }
CNE_HD inline int sum_column(int lane, int i) { return 2 * (lane % 4) + i % 2; }

/// Of a float32 the upper 11 bits, rounded.
CNE_HD inline float high_part(float value) {
  return std::bit_cast<float>((std::bit_cast<uint32_t>(value) + 0x1000) & 0xffffe000);
}

CNE_HD inline float to_float(float value) { return value; }
template <typename T>
CNE_HD inline T from_float(float value) {
  if constexpr (sizeof(T) == sizeof(float))
    return value;
  else if constexpr (std::is_same_v<T, Half>)
    return to_half(value);
  else
    return to_bfloat16(value);
}

/// Rows of a matrix in shared memory. Rows are 16 bytes longer than they have to be, so that those
/// of a fragment lie in different banks.
template <typename T>
struct SharedTile {
  T* data;
  int stride;
  CNE_BODY T* at(int row, int column) const { return data + row * stride + column; }
};

/// Rounds two numbers to word i.
template <typename T>
void set_pair(HostBlock&, LeftFragment<T>& out, int i, float first, float second) {
  out.pairs[i] = uint32_t{from_float<T>(first).bits} | uint32_t{from_float<T>(second).bits} << 16;
}

/// What lane 8 i + r names is row r of matrix i of 8 x 8 elements of 16 bits; word i of a lane gets
/// two elements of it: those of row g at q, or, transposed, those of column g at rows q.
template <bool kTransposed, typename Fragment, int kThreads, typename Address>
void load_matrices(HostBlock&, HostPrivate<Fragment, kThreads>& out, const Address& address) {
  for (int t = 0; t < kThreads; ++t)
    for (int i = 0; i < 4; ++i) {
      const int warp = t / 32 * 32;
      const auto element = [&](int row, int column) {
        return uint32_t{address(warp + 8 * i + row)[column].bits};
      };
      const int g = t % 32 / 4;
      const int q = 2 * (t % 4);
      out[t].pairs[i] = kTransposed ? element(q, g) | element(q + 1, g) << 16
                                    : element(g, q) | element(g, q + 1) << 16;
    }
}

template <typename T>
T element_of(const uint32_t* pairs, int i) {
  return {static_cast<uint16_t>(pairs[i / 2] >> (16 * (i % 2)))};
}

/// sums += left right, of the first or the second of the right ones.
template <typename T, int kThreads>
void multiply(HostBlock&, HostPrivate<Accumulator, kThreads>& sums,
              const HostPrivate<LeftFragment<T>, kThreads>& left,
              const HostPrivate<RightFragments<T>, kThreads>& right, int which) {
  constexpr int kParts = sizeof(T) == sizeof(float) ? 2 : 1;
  for (int warp = 0; warp < kThreads; warp += 32) {
    float a[kParts][16][16];
    float b[kParts][16][8];
    for (int lane = 0; lane < 32; ++lane) {
      const LeftFragment<T>& l = left[warp + lane];
      const RightFragments<T>& r = right[warp + lane];
      for (int i = 0; i < 8; ++i) {
        float* const to = &a[0][left_row(lane, i)][left_column(lane, i)];
        if constexpr (kParts == 2) {
          to[0] = l.high[i];
          to[256] = high_part(l.low[i]);
        } else {
          to[0] = to_float(element_of<T>(l.pairs, i));
        }
      }
      for (int i = 0; i < 4; ++i) {
        float* const to = &b[0][right_row(lane, i)][right_column(lane)];
        if constexpr (kParts == 2) {
          to[0] = r.high[4 * which + i];
          to[128] = high_part(r.low[4 * which + i]);
        } else {
          to[0] = to_float(element_of<T>(r.pairs + 2 * which, i));
        }
      }
    }
    for (int lane = 0; lane < 32; ++lane)
      for (int i = 0; i < 4; ++i) {
        const int row = sum_row(lane, i);
        const int column = sum_column(lane, i);
        float sum = sums[warp + lane].at[i];
        for (int k = 0; k < 16; ++k) {
          if constexpr (kParts == 2)
            sum += a[1][row][k] * b[0][k][column] + a[0][row][k] * b[1][k][column];
          sum += a[0][row][k] * b[0][k][column];
        }
        sums[warp + lane].at[i] = sum;
      }
  }
}

/// A fragment of a float32 is split here, so that a GPU does it with what it loads.
template <typename Fragment>
CNE_BODY inline void set_parts(Fragment& to, int i, float value) {
  to.high[i] = high_part(value);
  to.low[i] = value - to.high[i];
}

/// Rows first(t) to first(t) + 15 (the same for all threads of a warp) and columns from `column`.
template <typename T, typename Block, typename Fragments, typename First>
CNE_BODY inline void load_left(Block& block, Fragments& out, SharedTile<T> tile, const First& first,
                               int column) {
  if constexpr (sizeof(T) == sizeof(float))
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int i = 0; i < 8; ++i)
        set_parts(out[t], i,
                  *tile.at(first(t) + left_row(t % 32, i), column + left_column(t % 32, i)));
    });
  else
    load_matrices<false>(
        block, out, [&](int t) { return tile.at(first(t) + t % 16, column + t % 32 / 16 * 8); });
}

/// Of the transposed tile: rows are its columns from `column`, columns its rows from `row`.
template <typename T, typename Block, typename Fragments>
CNE_BODY inline void load_right_of_rows(Block& block, Fragments& out, SharedTile<T> tile, int row,
                                        int column) {
  if constexpr (sizeof(T) == sizeof(float))
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int i = 0; i < 8; ++i)
        set_parts(
            out[t], i,
            *tile.at(row + 8 * (i / 4) + right_column(t % 32), column + right_row(t % 32, i % 4)));
    });
  else
    load_matrices<false>(block, out, [&](int t) {
      return tile.at(row + t % 32 / 16 * 8 + t % 8, column + t % 16 / 8 * 8);
    });
}

/// Of the tile as it lies: rows from `row`, columns from `column`.
template <typename T, typename Block, typename Fragments>
CNE_BODY inline void load_right(Block& block, Fragments& out, SharedTile<T> tile, int row,
                                int column) {
  if constexpr (sizeof(T) == sizeof(float))
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int i = 0; i < 8; ++i)
        set_parts(
            out[t], i,
            *tile.at(row + right_row(t % 32, i % 4), column + 8 * (i / 4) + right_column(t % 32)));
    });
  else
    load_matrices<true>(block, out,
                        [&](int t) { return tile.at(row + t % 16, column + t % 32 / 16 * 8); });
}

/// Two accumulators side by side as what is on the left of the next product.
template <typename T, typename Block>
CNE_BODY inline void to_left(Block& block, LeftFragment<T>& out, const Accumulator& first,
                             const Accumulator& second) {
  CNE_UNROLL
  for (int i = 0; i < 4; ++i) {
    const Accumulator& from = i < 2 ? first : second;
    const float a = from.at[2 * (i % 2)];
    const float b = from.at[2 * (i % 2) + 1];
    if constexpr (sizeof(T) == sizeof(float)) {
      set_parts(out, 2 * i, a);
      set_parts(out, 2 * i + 1, b);
    } else {
      set_pair(block, out, i, a, b);
    }
  }
}

}  // namespace cne::tensor
