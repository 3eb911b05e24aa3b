#pragma once

#include "tensor/device_attention_gradient.h"

namespace cne::tensor {

/// The derivatives of attention by its keys (kKey) and values (kValue). A block does kRows keys of
/// a group, which stay in shared memory with their values; tiles of kQueries queries of each head
/// of the group go by with their cotangents, one head after the other, so that all is added up in
/// one order and nothing is added to memory by several blocks. Rows of the products are keys here:
/// weights and their derivatives are in registers what is multiplied next. 8 queries keys depth
/// operations of a head for both, half if causal; apart 4 and 6, where both need too many
/// registers.
template <typename T, int kDepth, bool kKey, bool kValue>
struct AttentionKeyGradient : AttentionGradientSizes<T, kDepth> {
  using Sizes = AttentionGradientSizes<T, kDepth>;
  using Sizes::kRows, Sizes::kStride, Sizes::kThreads;
  static constexpr const char* kName = "attention: derivative by keys and values";
  static constexpr int kQueries = sizeof(T) == 2 ? (kDepth <= 64 ? 64 : 32)
                                  : kDepth <= 64 ? 32
                                                 : 16;

  AttentionGradientInputs with;
  Heads<void> keys;    // (batch, groups, keys, depth)
  Heads<void> values;  // (batch, groups, keys, width)
  bool is_slope_aligned;

  int64_t tiles() const { return (with.of.keys + kRows - 1) / kRows; }
  Grid grid() const { return {with.of.batch * with.of.groups * tiles(), 1}; }
  size_t shared_bytes() const {
    return (2 * kRows + 4 * kQueries) * kTileRowBytes<T, kDepth> + 4 * kQueries * sizeof(float);
  }

  template <typename Block>
  using Sums = typename Block::template Private<Accumulator, kThreads>;

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const AttentionInputs& of = with.of;
    const auto blocks = static_cast<int64_t>((of.keys + kRows - 1) / kRows);
    const int64_t group = block.x() / blocks;
    const auto first = static_cast<int>(block.x() % blocks) * kRows;
    const auto share = static_cast<int>(of.heads / of.groups);
    const int64_t first_head = group / of.groups * of.heads + group % of.groups * share;
    const SharedTile<T> key{block.template shared<T>(), kStride};
    const SharedTile<T> value{key.data + kRows * kStride, kStride};
    const auto query = [&](int stage) {
      return SharedTile<T>{value.data + (kRows + 2 * stage * kQueries) * kStride, kStride};
    };
    const auto cotangent = [&](int stage) {
      return SharedTile<T>{query(stage).data + kQueries * kStride, kStride};
    };
    const auto logs = [&](int stage) {
      return reinterpret_cast<float*>(query(2).data) + 2 * stage * kQueries;
    };
    // The first query that sees a key of the block begins the first tile.
    const int unseen = of.is_causal ? first - (of.keys - of.queries) : 0;
    const int begin = unseen > 0 ? unseen / kQueries * kQueries : 0;
    const int count = begin < of.queries ? (of.queries - begin + kQueries - 1) / kQueries : 0;
    const auto place = [&](int step) { return begin + step % count * kQueries; };
    const auto copy_tile = [&](int stage, int step) {
      const int64_t head = first_head + step / count;
      const int row = place(step);
      copy_rows<kQueries, kDepth, kThreads>(block, query(stage), of.query_of<T>(head), of.query.row,
                                            row, of.queries, of.depth, of.is_aligned);
      copy_rows<kQueries, kDepth, kThreads>(
          block, cotangent(stage), of.at<T>(with.cotangent, head / of.heads, head % of.heads),
          with.cotangent.row, row, of.queries, of.width, of.is_aligned);
      block.commit_copies();
      block.lanes([&](int t) {
        if (t >= kQueries) return;
        logs(stage)[t] = with.log_of(head, row + t);
        logs(stage)[kQueries + t] = with.share_of(head, row + t);
      });
    };
    copy_rows<kRows, kDepth, kThreads>(block, key, of.key_of<T>(first_head), of.key.row, first,
                                       of.keys, of.depth, of.is_aligned);
    copy_rows<kRows, kDepth, kThreads>(block, value, of.value_of<T>(first_head), of.value.row,
                                       first, of.keys, of.width, of.is_aligned);
    if (count > 0) copy_tile(0, 0);
    block.commit_copies();

    constexpr int kPlaces = kDepth / 8;
    Sums<Block> key_sums[1][kKey ? kPlaces : 1];
    Sums<Block> value_sums[1][kValue ? kPlaces : 1];
    block.lanes([&](int t) {
      CNE_UNROLL
      for (int n = 0; n < kPlaces; ++n) {
        if constexpr (kKey) key_sums[0][n][t] = {{0, 0, 0, 0}};
        if constexpr (kValue) value_sums[0][n][t] = {{0, 0, 0, 0}};
      }
    });
    for (int step = 0, stage = 0; step < share * count; ++step, stage ^= 1) {
      block.template wait_copies<0>();
      if (step + 1 < share * count) copy_tile(stage ^ 1, step + 1);
      const int64_t head = first_head + step / count;
      const int row = place(step);
      const bool sees_all = of.sees_all(row, row + kQueries, first + kRows);
      Sums<Block> weights[1][kQueries / 8];
      Sums<Block> gradients[1][kQueries / 8];
      multiply_rows<kDepth, kThreads>(block, weights, key, query(stage));
      if constexpr (kKey)
        multiply_rows<kDepth, kThreads>(block, gradients, value, cotangent(stage));
      else
        block.lanes([&](int t) {
          CNE_UNROLL
          for (int n = 0; n < kQueries / 8; ++n) gradients[0][n][t] = {{0, 0, 0, 0}};
        });
      weigh_again(
          block, weights, gradients, of.scale * 0x1.715476p0F,
          [&](int t, int n, int i) { return logs(stage)[8 * n + sum_column(t % 32, i)]; },
          [&](int t, int n, int i) {
            return logs(stage)[kQueries + 8 * n + sum_column(t % 32, i)];
          },
          [&](int t, int n, int i) {
            return sees_all || of.sees(head, row + 8 * n + sum_column(t % 32, i),
                                       first + tile_row<1>(t, 0) + sum_row(t % 32, i));
          });
      if constexpr (kValue) add_product<kThreads>(block, value_sums, weights, cotangent(stage));
      if constexpr (kKey) add_product<kThreads>(block, key_sums, gradients, query(stage));
    }
    block.template wait_copies<0>();
    const int64_t batch = group / of.groups;
    if constexpr (kKey) {
      round_rows(block, key_sums, key, [&](int, int, int) { return of.scale; });
      store_rows<kRows, kDepth, kThreads>(block, key, of.at<T>(keys, batch, group % of.groups),
                                          keys.row, first, of.keys, of.depth, is_slope_aligned);
    }
    if constexpr (kValue) {
      round_rows(block, value_sums, value, [&](int, int, int) { return 1.0F; });
      store_rows<kRows, kDepth, kThreads>(block, value, of.at<T>(values, batch, group % of.groups),
                                          values.row, first, of.keys, of.width, is_slope_aligned);
    }
  }
};

}  // namespace cne::tensor
