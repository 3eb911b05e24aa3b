#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "tensor/device_attention_tile.h"
#include "tensor/element.h"

namespace cne::tensor {

/// Attention of queries to keys (tensor/attention.h) on a device, without memory of the size of
/// queries times keys:
///
///   out = softmax(scale * query key^T + mask) value
///   log_sums = log(sum(exp(scale * query key^T + mask)))    infinite where nothing is attended to
///
/// A block does kRows queries of one head: they stay in shared memory, and tiles of kKeys keys and
/// values go by, each copied while the tile before is multiplied. Products run on matrix units, the
/// weights of a tile go from accumulators to the next product in registers, and the sums are
/// scaled when the largest likeness of a row grows (Dao 2023, arXiv:2307.08691). float16 and
/// bfloat16 are multiplied as they are and added as float32, weights rounded to their type;
/// float32 are multiplied in two parts, with an error of some 2^-21.
///
/// Bytes that move: query and out once, key and value once for each kRows queries of a head, from
/// the second cache where they fit. 4 queries keys depth operations of a head, half if causal.
template <typename T, int kDepth>
struct AttentionForward {
  static constexpr const char* kName = "attention";
  static constexpr int kTiles = sizeof(T) == 2 && kDepth <= 128 ? 2 : 1;
  static constexpr int kKeys = sizeof(T) == 4 || kDepth > 128 ? 32 : kDepth > 96 ? 48 : 64;
  static constexpr int kThreads = 128;
  static constexpr int kRows = kThreads / 32 * 16 * kTiles;
  static constexpr int kStride = kTileStride<T, kDepth>;

  AttentionInputs of;
  Heads<void> out;  // (batch, heads, queries, width)
  bool is_out_aligned;
  float* log_sums;  // (batch, heads, queries), in order

  int64_t tiles() const { return (of.queries + kRows - 1) / kRows; }
  Grid grid() const { return {of.batch * of.heads * tiles(), 1}; }
  size_t shared_bytes() const { return (kRows + 2 * kKeys) * kTileRowBytes<T, kDepth>; }

  template <typename Block>
  using Sums = typename Block::template Private<Accumulator, kThreads>;
  template <typename Block>
  using Numbers = typename Block::template Private<float, kThreads>;

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const auto blocks = static_cast<int64_t>((of.queries + kRows - 1) / kRows);
    const int64_t head = block.x() / blocks;
    // Causal: the longest first, so that none of them is alone at the end.
    const auto first = static_cast<int>(blocks - 1 - block.x() % blocks) * kRows;
    const SharedTile<T> query{block.template shared<T>(), kStride};
    const SharedTile<T> key{query.data + kRows * kStride, kStride};
    const SharedTile<T> value{key.data + kKeys * kStride, kStride};
    copy_rows<kRows, kDepth, kThreads>(block, query, of.query_of<T>(head), of.query.row, first,
                                       of.queries, of.depth, of.is_aligned);
    const int seen = of.seen_keys(first + kRows);
    if (seen > 0) copy_keys(block, key, head, 0);
    block.commit_copies();

    Sums<Block> sums[kTiles][kDepth / 8];
    Numbers<Block> tops[kTiles][2];    // the largest likeness of rows g and g + 8, in powers of 2
    Numbers<Block> totals[kTiles][2];  // of the weights, those of this lane
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int tile = 0; tile < kTiles; ++tile) {
        CNE_UNROLL
        for (int n = 0; n < kDepth / 8; ++n) sums[tile][n][t] = {{0, 0, 0, 0}};
        CNE_UNROLL
        for (int half = 0; half < 2; ++half) {
          tops[tile][half][t] = -std::numeric_limits<float>::infinity();
          totals[tile][half][t] = 0;
        }
      }
    });
    for (int begin = 0; begin < seen; begin += kKeys) {
      Sums<Block> weights[kTiles][kKeys / 8];
      block.template wait_copies<0>();
      copy_rows<kKeys, kDepth, kThreads>(block, value, of.value_of<T>(head), of.value.row, begin,
                                         of.keys, of.width, of.is_aligned);
      block.commit_copies();
      multiply_rows<kDepth, kThreads>(block, weights, query, key);
      block.template wait_copies<0>();
      if (begin + kKeys < seen) copy_keys(block, key, head, begin + kKeys);
      block.commit_copies();
      if (!of.sees_all(first, first + kRows, begin + kKeys))
        hide(block, weights, head, first, begin);
      weigh(block, weights, tops, totals, sums);
      add_product<kThreads>(block, sums, weights, value);
    }
    block.template wait_copies<0>();
    finish(block, tops, totals, sums, query, head, first);
  }

 private:
  template <typename Block>
  CNE_BODY void copy_keys(Block& block, SharedTile<T> key, int64_t head, int begin) const {
    copy_rows<kKeys, kDepth, kThreads>(block, key, of.key_of<T>(head), of.key.row, begin, of.keys,
                                       of.depth, of.is_aligned);
  }

  /// What may not be attended to is as unlike as can be.
  template <typename Block, typename Own>
  CNE_BODY void hide(Block& block, Own (&weights)[kTiles][kKeys / 8], int64_t head, int first,
                     int begin) const {
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int tile = 0; tile < kTiles; ++tile) {
        CNE_UNROLL
        for (int n = 0; n < kKeys / 8; ++n) {
          CNE_UNROLL
          for (int i = 0; i < 4; ++i)
            if (!of.sees(head, first + tile_row<kTiles>(t, tile) + sum_row(t % 32, i),
                         begin + 8 * n + sum_column(t % 32, i)))
              weights[tile][n][t].at[i] = -std::numeric_limits<float>::infinity();
        }
      }
    });
  }

  /// Products become weights: 2^(factor product - top), and sums what they are with the new top.
  template <typename Block, typename Own, typename Number>
  CNE_BODY void weigh(Block& block, Own (&weights)[kTiles][kKeys / 8], Number (&tops)[kTiles][2],
                      Number (&totals)[kTiles][2], Own (&sums)[kTiles][kDepth / 8]) const {
    const float factor = of.scale * 0x1.715476p0F;  // of powers of 2
    CNE_UNROLL
    for (int tile = 0; tile < kTiles; ++tile) {
      CNE_UNROLL
      for (int half = 0; half < 2; ++half) {
        Number best;
        block.lanes([&](int t) {
          float top = tops[tile][half][t];
          CNE_UNROLL
          for (int n = 0; n < kKeys / 8; ++n) {
            const float* const at = weights[tile][n][t].at + 2 * half;
            top = std::fmax(top, std::fmax(at[0] * factor, at[1] * factor));
          }
          best[t] = top;
        });
        block.template join_lanes<4>(best, [](float a, float b) { return std::fmax(a, b); });
        block.lanes([&](int t) {
          const float top = best[t];
          const float shift = top == -std::numeric_limits<float>::infinity() ? 0.0F : top;
          const float kept = block.exp2(tops[tile][half][t] - shift);
          float total = totals[tile][half][t] * kept;
          CNE_UNROLL
          for (int n = 0; n < kKeys / 8; ++n) {
            float* const at = weights[tile][n][t].at + 2 * half;
            at[0] = block.exp2(std::fma(at[0], factor, -shift));
            at[1] = block.exp2(std::fma(at[1], factor, -shift));
            total += at[0] + at[1];
          }
          CNE_UNROLL
          for (int n = 0; n < kDepth / 8; ++n) {
            float* const at = sums[tile][n][t].at + 2 * half;
            at[0] *= kept;
            at[1] *= kept;
          }
          tops[tile][half][t] = top;
          totals[tile][half][t] = total;
        });
      }
    }
  }

  template <typename Block, typename Own, typename Number>
  CNE_BODY void finish(Block& block, Number (&tops)[kTiles][2], Number (&totals)[kTiles][2],
                       Own (&sums)[kTiles][kDepth / 8], SharedTile<T> room, int64_t head,
                       int first) const {
    CNE_UNROLL
    for (int tile = 0; tile < kTiles; ++tile) {
      CNE_UNROLL
      for (int half = 0; half < 2; ++half) {
        Number& total = totals[tile][half];
        block.template join_lanes<4>(total, [](float a, float b) { return a + b; });
        block.lanes([&](int t) {
          const float sum = total[t];
          const int row = first + tile_row<kTiles>(t, tile) + sum_row(t % 32, 2 * half);
          if (t % 4 == 0 && row < of.queries)
            log_sums[head * of.queries + row] =
                sum == 0 ? std::numeric_limits<float>::infinity()
                         : (tops[tile][half][t] + std::log2(sum)) * 0x1.62e43p-1F;
          total[t] = sum == 0 ? 0.0F : 1 / sum;
        });
      }
    }
    round_rows(block, sums, room, [&](int t, int tile, int half) { return totals[tile][half][t]; });
    store_rows<kRows, kDepth, kThreads>(block, room,
                                        of.at<T>(out, head / of.heads, head % of.heads), out.row,
                                        first, of.queries, of.width, is_out_aligned);
  }
};

/// Attention of float32, float16 or bfloat16, with a depth and a width of at most 256; log_sums are
/// (batch, heads, queries) float32, in order. `is_aligned` of the inputs is set here. Throws
/// TypeError for another type, ShapeError for sizes that do not fit.
void device_attention(Device device, Element element, const AttentionInputs& inputs,
                      const Heads<void>& out, float* log_sums);

/// Whether 16 bytes can be copied at a time: rows of `columns` elements that begin at multiples.
template <typename Bytes>
bool is_aligned(const Heads<Bytes>& of, int64_t columns, size_t element_bytes) {
  const auto each = static_cast<int64_t>(16 / element_bytes);
  return reinterpret_cast<uintptr_t>(of.data) % 16 == 0 && columns % each == 0 &&
         of.batch % each == 0 && of.head % each == 0 && of.row % each == 0;
}

/// Checks the inputs as device_attention does; `function` begins the messages.
void check_attention(Element element, const AttentionInputs& inputs, const char* function);

/// Calls f(T{}, std::integral_constant<int, kDepth>{}) with the type and the least size of heads
/// that kernels are made for: 64, 96 (of 16 bits), 128 or 256.
template <typename F>
void with_attention_kernel(Element element, const AttentionInputs& inputs, const F& f) {
  const int columns = inputs.depth > inputs.width ? inputs.depth : inputs.width;
  const auto sized = [&](auto type) {
    if (columns <= 64)
      f(type, std::integral_constant<int, 64>{});
    else if (columns <= 96 && sizeof(type) == 2)
      f(type, std::integral_constant<int, sizeof(type) == 2 ? 96 : 128>{});
    else if (columns <= 128)
      f(type, std::integral_constant<int, 128>{});
    else
      f(type, std::integral_constant<int, 256>{});
  };
  if (element == Element::kFloat32)
    sized(float{});
  else if (element == Element::kFloat16)
    sized(Half{});
  else
    sized(BFloat16{});
}

}  // namespace cne::tensor
