#pragma once

#include <cstdint>

#include "core/device_queue.h"
#include "core/kernel.h"
#include "gbdt/device_bins.h"
#include "gbdt/split_math.h"

namespace cne::gbdt {

/// A node whose splits are searched.
struct SplitNode {
  CutLeaf leaf;
  const uint8_t* use;  // by feature of the matrix, 1 where it may be split on; null: search nothing
  double monotone_factor;  // what gains of monotone features are multiplied by
};

/// Two children of a node, or the root and nothing. The histogram of the larger child begins as
/// their parent's, and becomes it less the smaller one's.
struct SplitTask {
  const GradientSums* small;
  GradientSums* large;  // null: only `small`
  SplitNode nodes[2];   // of the small and of the large one
};

/// The best cut of a node, on a feature or on all of them.
struct FoundSplit {
  double gain;      // loss reduction; minus infinity where there is none
  int32_t feature;  // of the bin matrix
  int32_t bin;
  int32_t missing_left;
  GradientSums left;
};

/// The best cut of each node on each feature. Block (x, y) searches feature x of task y: its
/// histogram becomes prefix sums in shared memory, and each thread tries the cut after one bin.
/// Bytes that move: three histograms of a task, or one.
///
/// Cuts are tried as best_split (split.h) does: missing values right, then left, bins ascending; of
/// equal gains the first one stays. Features are not categorical.
struct FindSplits {
  static constexpr const char* kName = "train: find_splits";
  static constexpr int kThreads = 256;

  SplitRules rules;
  const SplitTask* tasks;
  const PackedFeature* features;
  const int8_t* directions;  // by feature: 1 or -1 where monotone; null: none is
  int width;
  FoundSplit* found;  // (2 * tasks, width)

  struct Shared {
    int64_t gradient[2][kThreads];
    int64_t hessian[2][kThreads];
    int64_t rows[2][kThreads];
    double gain[kThreads];
    int32_t order[kThreads];  // of the cut: its bin, kThreads more with missing values left
    GradientSums missing;
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  CNE_BODY double gain_of(const SplitNode& node, const GradientSums& left, int direction) const {
    if (!is_allowed(rules, left) || !is_allowed(rules, node.leaf.total - left)) return kNoGain;
    const bool free = rules.free_values && direction == 0 && node.leaf.bounds.lower == kNoGain &&
                      node.leaf.bounds.upper == -kNoGain;
    return free ? free_gain(rules.math, node.leaf.total, left, 0)
                : bound_gain(rules.math, node.leaf, left, 0, direction);
  }

  /// The split that a best cut is, if it gains enough.
  CNE_BODY FoundSplit chosen(const SplitNode& node, int feature, double gain, int bin,
                             bool missing_left, const GradientSums& left, bool any_missing,
                             int direction) const {
    if (direction != 0) gain *= node.monotone_factor;
    if (!(gain > 2 * rules.min_gain)) return {kNoGain, -1, 0, 0, left};
    if (!any_missing) missing_left = left.rows * 2 > node.leaf.total.rows;
    return {gain / 2, feature, bin, missing_left ? 1 : 0, left};
  }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const auto number = static_cast<int>(block.x());
    const SplitTask& task = tasks[block.y()];
    const PackedFeature feature = features[number];
    const int direction = directions != nullptr ? directions[number] : 0;
    for (int which = 0; which < 2; ++which) {
      const bool is_large = which == 1;
      if (is_large && task.large == nullptr) return;
      const SplitNode& node = task.nodes[which];
      block.each([&](int t) {
        GradientSums own{0, 0, 0};
        if (t <= feature.count) {
          const int slot = feature.slot + t;
          own = is_large ? task.large[slot] - task.small[slot] : task.small[slot];
          if (is_large) task.large[slot] = own;
        }
        if (t == feature.count) shared->missing = own;
        const bool counts = t < feature.count;
        shared->gradient[0][t] = counts ? own.gradient : 0;
        shared->hessian[0][t] = counts ? own.hessian : 0;
        shared->rows[0][t] = counts ? own.rows : 0;
      });
      FoundSplit* out = found + (2 * block.y() + which) * width + number;
      if (node.use == nullptr || !node.use[number]) {
        block.each([&](int t) {
          if (t == 0) *out = {kNoGain, -1, 0, 0, {0, 0, 0}};
        });
        continue;
      }
      search(block, shared, node, feature, number, direction, out);
    }
  }

  template <typename Block>
  CNE_BODY void search(Block& block, Shared* shared, const SplitNode& node,
                       const PackedFeature& feature, int number, int direction,
                       FoundSplit* out) const {
    int from = 0;  // which half holds the prefix sums
    for (int step = 1; step < kThreads; step *= 2) {
      block.each([&](int t) {
        const int to = 1 - from;
        const bool adds = t >= step;
        shared->gradient[to][t] =
            shared->gradient[from][t] + (adds ? shared->gradient[from][t - step] : 0);
        shared->hessian[to][t] =
            shared->hessian[from][t] + (adds ? shared->hessian[from][t - step] : 0);
        shared->rows[to][t] = shared->rows[from][t] + (adds ? shared->rows[from][t - step] : 0);
      });
      from = 1 - from;
    }
    const auto left_of = [&](int bin, bool missing_left) {
      GradientSums left{shared->gradient[from][bin], shared->hessian[from][bin],
                        shared->rows[from][bin]};
      if (missing_left) left += shared->missing;
      return left;
    };
    block.each([&](int t) {
      double best = kNoGain;
      int order = 2 * kThreads;
      const bool any_missing = shared->missing.rows > 0;
      const bool empty = shared->rows[from][t] == (t > 0 ? shared->rows[from][t - 1] : 0);
      for (int side = 0; side < (any_missing ? 2 : 1); ++side) {
        // The last bin may end the left side only when missing values are left for the right one.
        const int cuts = side == 0 && any_missing ? feature.count : feature.count - 1;
        if (t >= cuts || empty) continue;
        const double gain = gain_of(node, left_of(t, side == 1), direction);
        if (!(gain > best)) continue;
        best = gain;
        order = side * kThreads + t;
      }
      shared->gain[t] = best;
      shared->order[t] = order;
    });
    for (int half = kThreads / 2; half > 0; half /= 2)
      block.each([&](int t) {
        if (t >= half) return;
        const double gain = shared->gain[t + half];
        const int order = shared->order[t + half];
        if (gain < shared->gain[t] || (gain == shared->gain[t] && order >= shared->order[t]))
          return;
        shared->gain[t] = gain;
        shared->order[t] = order;
      });
    block.each([&](int t) {
      if (t != 0) return;
      const int order = shared->order[0];
      if (order == 2 * kThreads) {
        *out = {kNoGain, -1, 0, 0, {0, 0, 0}};
        return;
      }
      const bool missing_left = order >= kThreads;
      const int bin = missing_left ? order - kThreads : order;
      *out = chosen(node, number, shared->gain[0], bin, missing_left, left_of(bin, missing_left),
                    shared->missing.rows > 0, direction);
    });
  }
};

/// The best split of each node over the features: block x those of node x. Of equal gains the lower
/// feature stays.
struct BestSplits {
  static constexpr const char* kName = "train: best_splits";
  static constexpr int kThreads = 256;
  const FoundSplit* found;  // (nodes, width)
  int width;
  FoundSplit* best;

  struct Shared {
    double gain[kThreads];
    int32_t feature[kThreads];
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const FoundSplit* own = found + block.x() * width;
    block.each([&](int t) {
      double gain = kNoGain;
      int feature = width;
      for (int j = t; j < width; j += kThreads) {
        if (!(own[j].gain > gain)) continue;
        gain = own[j].gain;
        feature = j;
      }
      shared->gain[t] = gain;
      shared->feature[t] = feature;
    });
    for (int half = kThreads / 2; half > 0; half /= 2)
      block.each([&](int t) {
        if (t >= half) return;
        const double gain = shared->gain[t + half];
        const int feature = shared->feature[t + half];
        if (gain < shared->gain[t] || (gain == shared->gain[t] && feature >= shared->feature[t]))
          return;
        shared->gain[t] = gain;
        shared->feature[t] = feature;
      });
    block.each([&](int t) {
      if (t != 0) return;
      const int feature = shared->feature[0];
      best[block.x()] = feature < width ? own[feature] : FoundSplit{kNoGain, -1, 0, 0, {0, 0, 0}};
    });
  }
};

/// Memory of a search, on the device.
struct SplitRoom {
  DeviceArray<SplitTask> tasks;
  DeviceArray<FoundSplit> found;
  DeviceArray<FoundSplit> best;
};

/// The best splits of the nodes of `tasks` (host memory, kDeviceNodes at most), two each, into
/// `best` on the host: waits for the device.
void find_splits(const DeviceQueue& queue, const DeviceBins& bins, const SplitRules& rules,
                 const int8_t* directions, const SplitTask* tasks, int count, SplitRoom& room,
                 FoundSplit* best);

}  // namespace cne::gbdt
