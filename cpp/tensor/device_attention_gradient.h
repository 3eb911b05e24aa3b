#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "tensor/device_attention.h"

namespace cne::tensor {

/// What derivatives of attention are computed from: its inputs, what it gave, and the cotangent of
/// that.
struct AttentionGradientInputs {
  AttentionInputs of;
  Heads<const void> out;        // (batch, heads, queries, width)
  Heads<const void> cotangent;  // alike
  const float* log_sums;        // (batch, heads, queries), in order
  float* shares;                // alike: room for sum(cotangent * out) of each query

  CNE_BODY float log_of(int64_t head, int row) const {  // in powers of 2
    return row < of.queries ? log_sums[head * of.queries + row] * 0x1.715476p0F
                            : std::numeric_limits<float>::infinity();
  }
  CNE_BODY float share_of(int64_t head, int row) const {
    return row < of.queries ? shares[head * of.queries + row] : 0.0F;
  }
};

/// shares[query] = sum(cotangent * out). A block does a row with each warp: both are read once.
template <typename T>
struct AttentionShares {
  static constexpr const char* kName = "attention: shares";
  static constexpr int kThreads = 128;
  static constexpr int kRows = kThreads / 32;
  AttentionGradientInputs with;

  Grid grid() const {
    return {(with.of.batch * with.of.heads * with.of.queries + kRows - 1) / kRows, 1};
  }
  size_t shared_bytes() const { return 0; }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const AttentionInputs& of = with.of;
    typename Block::template Private<float, kThreads> sums;
    const auto row_of = [&](int t) { return block.x() * kRows + t / 32; };
    const int64_t rows = of.batch * of.heads * of.queries;
    block.lanes([&](int t) {
      sums[t] = 0;
      if (row_of(t) >= rows) return;
      const int64_t head = row_of(t) / of.queries;
      const int64_t row = row_of(t) % of.queries;
      const T* const a = of.at<T>(with.out, head / of.heads, head % of.heads) + row * with.out.row;
      const T* const b =
          of.at<T>(with.cotangent, head / of.heads, head % of.heads) + row * with.cotangent.row;
      for (int i = t % 32; i < of.width; i += 32) sums[t] += to_float(a[i]) * to_float(b[i]);
    });
    block.template join_lanes<32>(sums, [](float a, float b) { return a + b; });
    block.lanes([&](int t) {
      if (t % 32 == 0 && row_of(t) < rows) with.shares[row_of(t)] = sums[t];
    });
  }
};

/// Threads and columns of a tile of the kernels of derivatives. Each warp has 16 rows.
template <typename T, int kDepth>
struct AttentionGradientSizes {
  static constexpr int kThreads = sizeof(T) == 4 && kDepth > 128 ? 64 : 128;
  static constexpr int kRows = kThreads / 2;
  static constexpr int kStride = kTileStride<T, kDepth>;
};

/// Products of queries and keys become weights, and those of cotangents and values derivatives by
/// the scaled products: w = 2^(factor product - log), slope = w (slope - share).
template <int kPlaces, typename Block, typename Sums, typename Log, typename Share, typename Sees>
CNE_BODY inline void weigh_again(Block& block, Sums (&weights)[1][kPlaces],
                                 Sums (&slopes)[1][kPlaces], float factor, const Log& log,
                                 const Share& share, const Sees& sees) {
  block.lanes([&](int t) {
    CNE_UNROLL
    for (int n = 0; n < kPlaces; ++n) {
      CNE_UNROLL
      for (int i = 0; i < 4; ++i) {
        float& at = weights[0][n][t].at[i];
        const float weight = block.exp2(std::fma(at, factor, -log(t, n, i)));
        at = sees(t, n, i) ? weight : 0.0F;
        float& slope = slopes[0][n][t].at[i];
        slope = at * (slope - share(t, n, i));
      }
    }
  });
}

/// The derivative of attention by its queries. A block does kRows queries of one head, which stay
/// in shared memory with their cotangents; tiles of kKeys keys and values go by, the next one
/// copied while one is multiplied. Weights are computed again from the logarithms that the forward
/// kernel kept: 6 queries keys depth operations of a head, half if causal. Bytes as those of it,
/// with the cotangent.
template <typename T, int kDepth>
struct AttentionQueryGradient : AttentionGradientSizes<T, kDepth> {
  using Sizes = AttentionGradientSizes<T, kDepth>;
  using Sizes::kRows, Sizes::kStride, Sizes::kThreads;
  static constexpr const char* kName = "attention: derivative by queries";
  static constexpr int kKeys = sizeof(T) == 2 ? (kDepth <= 128 ? 64 : 32) : kDepth <= 128 ? 32 : 16;

  AttentionGradientInputs with;
  Heads<void> slopes;  // (batch, heads, queries, depth)
  bool is_slope_aligned;

  int64_t tiles() const { return (with.of.queries + kRows - 1) / kRows; }
  Grid grid() const { return {with.of.batch * with.of.heads * tiles(), 1}; }
  size_t shared_bytes() const { return (2 * kRows + 4 * kKeys) * kTileRowBytes<T, kDepth>; }

  template <typename Block>
  using Sums = typename Block::template Private<Accumulator, kThreads>;

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const AttentionInputs& of = with.of;
    const auto blocks = static_cast<int64_t>((of.queries + kRows - 1) / kRows);
    const int64_t head = block.x() / blocks;
    const auto first = static_cast<int>(blocks - 1 - block.x() % blocks) * kRows;
    const SharedTile<T> query{block.template shared<T>(), kStride};
    const SharedTile<T> cotangent{query.data + kRows * kStride, kStride};
    const auto key = [&](int stage) {
      return SharedTile<T>{cotangent.data + (kRows + 2 * stage * kKeys) * kStride, kStride};
    };
    const auto value = [&](int stage) {
      return SharedTile<T>{key(stage).data + kKeys * kStride, kStride};
    };
    const int seen = of.seen_keys(first + kRows);
    const auto copy_tile = [&](int stage, int begin) {
      copy_rows<kKeys, kDepth, kThreads>(block, key(stage), of.key_of<T>(head), of.key.row, begin,
                                         of.keys, of.depth, of.is_aligned);
      copy_rows<kKeys, kDepth, kThreads>(block, value(stage), of.value_of<T>(head), of.value.row,
                                         begin, of.keys, of.width, of.is_aligned);
      block.commit_copies();
    };
    copy_rows<kRows, kDepth, kThreads>(block, query, of.query_of<T>(head), of.query.row, first,
                                       of.queries, of.depth, of.is_aligned);
    copy_rows<kRows, kDepth, kThreads>(
        block, cotangent, of.at<T>(with.cotangent, head / of.heads, head % of.heads),
        with.cotangent.row, first, of.queries, of.width, of.is_aligned);
    if (seen > 0) copy_tile(0, 0);
    block.commit_copies();

    Sums<Block> sums[1][kDepth / 8];
    typename Block::template Private<float, kThreads> logs[2];  // of rows g and g + 8
    typename Block::template Private<float, kThreads> shares[2];
    const auto row_of = [&](int t, int i) {
      return first + tile_row<1>(t, 0) + sum_row(t % 32, i);
    };
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int n = 0; n < kDepth / 8; ++n) sums[0][n][t] = {{0, 0, 0, 0}};
      CNE_UNROLL
      for (int half = 0; half < 2; ++half) {
        logs[half][t] = with.log_of(head, row_of(t, 2 * half));
        shares[half][t] = with.share_of(head, row_of(t, 2 * half));
      }
    });
    for (int begin = 0, stage = 0; begin < seen; begin += kKeys, stage ^= 1) {
      block.template wait_copies<0>();
      if (begin + kKeys < seen) copy_tile(stage ^ 1, begin + kKeys);
      const bool sees_all = of.sees_all(first, first + kRows, begin + kKeys);
      Sums<Block> weights[1][kKeys / 8];
      Sums<Block> gradients[1][kKeys / 8];
      multiply_rows<kDepth, kThreads>(block, weights, query, key(stage));
      multiply_rows<kDepth, kThreads>(block, gradients, cotangent, value(stage));
      weigh_again(
          block, weights, gradients, of.scale * 0x1.715476p0F,
          [&](int t, int, int i) { return logs[i / 2][t]; },
          [&](int t, int, int i) { return shares[i / 2][t]; },
          [&](int t, int n, int i) {
            return sees_all || of.sees(head, row_of(t, i), begin + 8 * n + sum_column(t % 32, i));
          });
      add_product<kThreads>(block, sums, gradients, key(stage));
    }
    block.template wait_copies<0>();
    round_rows(block, sums, query, [&](int, int, int) { return of.scale; });
    store_rows<kRows, kDepth, kThreads>(block, query,
                                        of.at<T>(slopes, head / of.heads, head % of.heads),
                                        slopes.row, first, of.queries, of.depth, is_slope_aligned);
  }
};

/// Derivatives of attention on a device by query, key and value, each shaped as its input; of all
/// the same bits, whatever runs first. `shares` is room for (batch, heads, queries) float32.
/// is_aligned of the inputs is set here. Throws as device_attention does.
void device_attention_gradient(Device device, Element element,
                               const AttentionGradientInputs& inputs, const Heads<void>& query,
                               const Heads<void>& key, const Heads<void>& value);

/// The part of it by keys and values, when `shares` and is_aligned are set.
void device_attention_key_gradient(Device device, Element element,
                                   const AttentionGradientInputs& inputs, const Heads<void>& key,
                                   const Heads<void>& value);

}  // namespace cne::tensor
