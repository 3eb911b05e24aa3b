#pragma once

#include <cstdint>

#include "core/kernel.h"
#include "tensor/device_fragment.h"

namespace cne::tensor {

/// (batch, heads, rows, columns) in the memory of a device; strides in elements, that of columns
/// is 1. Bytes is void or const void.
template <typename Bytes>
struct Heads {
  Bytes* data;
  int64_t batch;
  int64_t head;
  int64_t row;
};

/// What may be attended to, bytes of 0 or 1: (batch, heads, queries, keys) with strides that may be
/// 0. Null: everything.
struct AttentionMask {
  const uint8_t* data;
  int64_t batch;
  int64_t head;
  int64_t query;
  int64_t key;
};

/// The inputs of attention, as in tensor/attention.h: query (batch, heads, queries, depth), key
/// (batch, groups, keys, depth), value (batch, groups, keys, width), of one element type.
struct AttentionInputs {
  int64_t batch;
  int64_t heads;
  int64_t groups;  // of keys and values; each serves heads / groups heads in a row
  int queries;
  int keys;
  int depth;
  int width;
  float scale;
  bool is_causal;   // a query sees no keys behind its own place; the last query sees all
  bool is_aligned;  // rows are whole pieces of 16 bytes, so that copies need not be by element
  Heads<const void> query;
  Heads<const void> key;
  Heads<const void> value;
  AttentionMask mask;

  /// Of a place in (batch, heads).
  template <typename T>
  CNE_BODY const T* query_of(int64_t head) const {
    return at<T>(query, head / heads, head % heads);
  }
  template <typename T>
  CNE_BODY const T* key_of(int64_t head) const {
    return at<T>(key, head / heads, head % heads / (heads / groups));
  }
  template <typename T>
  CNE_BODY const T* value_of(int64_t head) const {
    return at<T>(value, head / heads, head % heads / (heads / groups));
  }
  template <typename T, typename Bytes>
  CNE_BODY static auto at(const Heads<Bytes>& of, int64_t batch, int64_t head) {
    if constexpr (std::is_const_v<Bytes>)
      return static_cast<const T*>(of.data) + batch * of.batch + head * of.head;
    else
      return static_cast<T*>(of.data) + batch * of.batch + head * of.head;
  }

  /// Keys that the queries before `end` see at most.
  CNE_BODY int seen_keys(int end) const {
    if (!is_causal) return keys;
    const int seen = (end < queries ? end : queries) + keys - queries;
    return seen < 0 ? 0 : seen;
  }
  CNE_BODY bool sees(int64_t head, int at, int key_at) const {
    if (key_at >= keys || at >= queries || (is_causal && key_at > at + keys - queries))
      return false;
    return mask.data == nullptr || mask.data[head / heads * mask.batch + head % heads * mask.head +
                                             at * mask.query + key_at * mask.key] != 0;
  }
  /// Whether all of queries [first, end) see all keys before key_end.
  CNE_BODY bool sees_all(int first, int end, int key_end) const {
    return mask.data == nullptr && end <= queries && key_end <= keys &&
           !(is_causal && key_end - 1 > first + keys - queries);
  }
};

/// Elements of a row in shared memory: kColumns and 16 bytes, or 32 of float32, which are loaded
/// two at a time.
template <typename T, int kColumns>
inline constexpr int kTileStride = kColumns + 8;
template <typename T, int kColumns>
inline constexpr size_t kTileRowBytes = size_t{kTileStride<T, kColumns>} * sizeof(T);

struct alignas(16) SixteenBytes {
  uint64_t words[2];
};

/// Begins to copy rows [first, first + kRows) of kColumns to a tile; there are `rows` of `columns`,
/// others become 0. They are there after the next wait_copies.
template <int kRows, int kColumns, int kThreads, typename T, typename Block>
CNE_BODY inline void copy_rows(Block& block, SharedTile<T> to, const T* from, int64_t row_stride,
                               int first, int rows, int columns, bool is_aligned) {
  constexpr int kEach = 16 / sizeof(T);
  constexpr int kPieces = kColumns / kEach;
  block.lanes([&](int t) {
    CNE_UNROLL
    for (int i = t; i < kRows * kPieces; i += kThreads) {
      const int row = first + i / kPieces;
      const int column = i % kPieces * kEach;
      T* const at = to.at(i / kPieces, column);
      const T* const source = from + row * row_stride + column;
      if (is_aligned) {
        const bool is_there = row < rows && column < columns;
        block.copy_async(at, is_there ? source : from, is_there);
      } else {
        for (int k = 0; k < kEach; ++k)
          at[k] = row < rows && column + k < columns ? source[k] : T{};
      }
    }
  });
}

/// Writes rows of a tile, those that there are.
template <int kRows, int kColumns, int kThreads, typename T, typename Block>
CNE_BODY inline void store_rows(Block& block, SharedTile<T> from, T* to, int64_t row_stride,
                                int first, int rows, int columns, bool is_aligned) {
  constexpr int kEach = 16 / sizeof(T);
  constexpr int kPieces = kColumns / kEach;
  block.each([&](int t) {
    for (int i = t; i < kRows * kPieces; i += kThreads) {
      const int row = first + i / kPieces;
      const int column = i % kPieces * kEach;
      if (row >= rows || column >= columns) continue;
      const T* const source = from.at(i / kPieces, column);
      T* const at = to + row * row_stride + column;
      if (is_aligned)
        *reinterpret_cast<SixteenBytes*>(at) = *reinterpret_cast<const SixteenBytes*>(source);
      else
        for (int k = 0; k < kEach && column + k < columns; ++k) at[k] = source[k];
    }
  });
}

/// A warp has kTiles times 16 rows of a block; accumulators are (kTiles, columns / 8) of a thread.
template <int kTiles>
CNE_BODY inline int tile_row(int t, int tile) {
  return (t / 32 * kTiles + tile) * 16;
}

/// sums = left right^T: rows of the left tile with those of the right one, along kDepth columns.
template <int kDepth, int kThreads, int kTiles, int kPlaces, typename T, typename Block,
          typename Sums>
CNE_BODY inline void multiply_rows(Block& block, Sums (&sums)[kTiles][kPlaces], SharedTile<T> left,
                                   SharedTile<T> right) {
  block.lanes([&](int t) {
    CNE_UNROLL
    for (int tile = 0; tile < kTiles; ++tile) {
      CNE_UNROLL
      for (int n = 0; n < kPlaces; ++n) sums[tile][n][t] = {{0, 0, 0, 0}};
    }
  });
  CNE_UNROLL
  for (int k = 0; k < kDepth; k += 16) {
    typename Block::template Private<LeftFragment<T>, kThreads> a[kTiles];
    typename Block::template Private<RightFragments<T>, kThreads> b;
    CNE_UNROLL
    for (int tile = 0; tile < kTiles; ++tile)
      load_left(block, a[tile], left, [&](int t) { return tile_row<kTiles>(t, tile); }, k);
    CNE_UNROLL
    for (int n = 0; n < kPlaces; n += 2) {
      load_right_of_rows(block, b, right, 8 * n, k);
      CNE_UNROLL
      for (int tile = 0; tile < kTiles; ++tile) {
        multiply<T>(block, sums[tile][n], a[tile], b, 0);
        multiply<T>(block, sums[tile][n + 1], a[tile], b, 1);
      }
    }
  }
}

/// sums += left right, of accumulators that are rounded to T.
template <int kThreads, int kTiles, int kPlaces, int kInner, typename T, typename Block,
          typename Sums>
CNE_BODY inline void add_product(Block& block, Sums (&sums)[kTiles][kPlaces],
                                 const Sums (&left)[kTiles][kInner], SharedTile<T> right) {
  CNE_UNROLL
  for (int k = 0; k < kInner; k += 2) {
    typename Block::template Private<LeftFragment<T>, kThreads> a[kTiles];
    typename Block::template Private<RightFragments<T>, kThreads> b;
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int tile = 0; tile < kTiles; ++tile)
        to_left<T>(block, a[tile][t], left[tile][k][t], left[tile][k + 1][t]);
    });
    CNE_UNROLL
    for (int n = 0; n < kPlaces; n += 2) {
      load_right(block, b, right, 8 * k, 8 * n);
      CNE_UNROLL
      for (int tile = 0; tile < kTiles; ++tile) {
        multiply<T>(block, sums[tile][n], a[tile], b, 0);
        multiply<T>(block, sums[tile][n + 1], a[tile], b, 1);
      }
    }
  }
}

/// Rounds accumulators into the rows of a tile, times a factor by row.
template <int kTiles, int kPlaces, typename T, typename Block, typename Sums, typename Factor>
CNE_BODY inline void round_rows(Block& block, const Sums (&sums)[kTiles][kPlaces], SharedTile<T> to,
                                const Factor& factor) {
  block.each([&](int t) {
    CNE_UNROLL
    for (int tile = 0; tile < kTiles; ++tile) {
      CNE_UNROLL
      for (int n = 0; n < kPlaces; ++n) {
        CNE_UNROLL
        for (int half = 0; half < 2; ++half) {
          const float by = factor(t, tile, half);
          T* const at = to.at(tile_row<kTiles>(t, tile) + sum_row(t % 32, 2 * half),
                              8 * n + sum_column(t % 32, 0));
          at[0] = from_float<T>(sums[tile][n][t].at[2 * half] * by);
          at[1] = from_float<T>(sums[tile][n][t].at[2 * half + 1] * by);
        }
      }
    }
  });
}

}  // namespace cne::tensor
