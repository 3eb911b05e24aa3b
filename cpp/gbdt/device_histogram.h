#pragma once

#include <cstdint>

#include "core/device_queue.h"
#include "core/kernel.h"
#include "gbdt/device_bins.h"
#include "gbdt/gradient.h"
#include "gbdt/histogram.h"

namespace cne::gbdt {

/// Nodes that a launch works on at most.
inline constexpr int kDeviceNodes = 32;

/// A node whose rows are summed: `rows` lists `count` of them, or is null for rows 0 .. count - 1.
struct HistogramTask {
  const int32_t* rows;
  int64_t count;
  int64_t first_block;  // of the grid's x; as many as `blocks`
  int64_t blocks;
  GradientSums* out;  // all slots of the matrix
};

/// Rows whose packed sums cannot overflow: 16 bits count them.
inline constexpr int64_t kMostBlockRows = 32768;

/// Histograms of some nodes. Block (x, y) sums `block_rows` rows of one node and the features of
/// group y in shared memory, then adds them to the node's histogram; a node of one block stores
/// them instead. Block x belongs to the task that holds it.
///
/// A slot is four 32-bit words: (gradient << 16) + rows and the hessian, 64 bits each. A thread
/// adds one feature of every n-th row. Bytes that move: of each row of the group its words, the
/// gradient (8) and the row number (4).
struct SumHistograms {
  static constexpr const char* kName = "train: sum_histograms";
  static constexpr int kThreads = 512;
  static constexpr size_t kSlotBytes = 16;
  static constexpr int kAhead = 4;  // rows whose bytes are under way at once

  const uint32_t* packed;
  int words;
  const PackedFeature* features;
  const FeatureGroup* groups;
  const Gradient* gradients;
  const HistogramTask* tasks;
  int task_count;
  int64_t block_rows;
  int most_slots;

  size_t shared_bytes() const { return static_cast<size_t>(most_slots) * kSlotBytes; }

  /// Adds `value` to a 64-bit number in two words. Each addition that wraps the low word carries
  /// into the high one exactly once, in any order, so the sum modulo 2^64 is exact.
  template <typename Block>
  CNE_BODY static void add_wide(uint32_t* low, uint32_t* high, int64_t value) {
    const auto part = static_cast<uint32_t>(value);
    const uint32_t before = Block::add(low, part);
    const uint32_t carry = before + part < before ? 1u : 0u;
    const uint32_t rest = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32) + carry;
    if (rest != 0) Block::add(high, rest);
  }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    int number = 0;
    while (number + 1 < task_count && block.x() >= tasks[number + 1].first_block) ++number;
    const HistogramTask task = tasks[number];
    const FeatureGroup group = groups[block.y()];
    const int width = group.last - group.first;
    const int base = features[group.first].slot;
    const PackedFeature final = features[group.last - 1];
    const int slots = final.slot + final.count + 1 - base;
    uint32_t* gradient_low = block.template shared<uint32_t>();
    uint32_t* gradient_high = gradient_low + slots;
    uint32_t* hessian_low = gradient_high + slots;
    uint32_t* hessian_high = hessian_low + slots;
    block.each([&](int t) {
      for (int s = t; s < 4 * slots; s += kThreads) gradient_low[s] = 0;
    });
    const int64_t begin = (block.x() - task.first_block) * block_rows;
    const int64_t end = begin + block_rows < task.count ? begin + block_rows : task.count;
    const int lanes = kThreads / width;
    block.each([&](int t) {
      const int lane = t / width;
      if (lane >= lanes) return;
      const PackedFeature feature = features[group.first + t % width];
      const int slot = feature.slot - base;
      const uint32_t* words_of = packed + feature.word;
      for (int64_t i = begin + lane; i < end; i += int64_t{lanes} * kAhead) {
        uint32_t word[kAhead];
        Gradient g[kAhead];
        for (int k = 0; k < kAhead; ++k) {
          const int64_t at = i + int64_t{lanes} * k;
          if (at >= end) continue;
          const int64_t row = task.rows != nullptr ? task.rows[at] : at;
          word[k] = words_of[row * words];
          g[k] = gradients[row];
        }
        for (int k = 0; k < kAhead; ++k) {
          if (i + int64_t{lanes} * k >= end) continue;
          const int s = slot + static_cast<int>((word[k] >> feature.shift) & feature.mask);
          add_wide<Block>(gradient_low + s, gradient_high + s,
                          static_cast<int64_t>(g[k].gradient) * (1 << kCountBits) + 1);
          add_wide<Block>(hessian_low + s, hessian_high + s, g[k].hessian);
        }
      }
    });
    block.each([&](int t) {
      for (int s = t; s < slots; s += kThreads) {
        const int64_t packed_sum = join(gradient_low[s], gradient_high[s]);
        const GradientSums sums{packed_sum >> kCountBits, join(hessian_low[s], hessian_high[s]),
                                packed_sum & ((int64_t{1} << kCountBits) - 1)};
        GradientSums* out = task.out + base + s;
        if (task.blocks == 1) {
          *out = sums;
        } else if (sums.rows != 0) {
          Block::add(&out->gradient, sums.gradient);
          Block::add(&out->hessian, sums.hessian);
          Block::add(&out->rows, sums.rows);
        }
      }
    });
  }

  CNE_BODY static int64_t join(uint32_t low, uint32_t high) {
    return static_cast<int64_t>((static_cast<uint64_t>(high) << 32) | low);
  }
};

/// Clears the histograms that several blocks add to; block (x, y) a piece of task y's.
struct ClearHistograms {
  static constexpr const char* kName = "train: clear_histograms";
  static constexpr int kThreads = 256;
  static constexpr int kEach = 8;  // numbers a thread
  const HistogramTask* tasks;
  int total_slots;

  size_t shared_bytes() const { return 0; }
  template <typename Block>
  CNE_BODY void run(Block& block) const {
    const HistogramTask task = tasks[block.y()];
    if (task.blocks == 1) return;
    block.each([&](int t) {
      auto* out = reinterpret_cast<int64_t*>(task.out);
      const int64_t numbers = int64_t{total_slots} * 3;
      for (int k = 0; k < kEach; ++k) {
        const int64_t at = (block.x() * kEach + k) * kThreads + t;
        if (at < numbers) out[at] = 0;
      }
    });
  }
};

/// A sum of gradients: of all `count` rows, or of those that `rows` lists, added to `out`.
struct SumGradients {
  static constexpr const char* kName = "train: sum_gradients";
  static constexpr int kThreads = 256;
  static constexpr int64_t kBlockRows = 16384;
  const Gradient* gradients;
  const int32_t* rows;
  int64_t count;
  GradientSums* out;

  struct Shared {
    int64_t gradient[kThreads];
    int64_t hessian[kThreads];
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const int64_t begin = block.x() * kBlockRows;
    const int64_t end = begin + kBlockRows < count ? begin + kBlockRows : count;
    block.each([&](int t) {
      int64_t gradient = 0;
      int64_t hessian = 0;
      for (int64_t i = begin + t; i < end; i += kThreads) {
        const Gradient g = gradients[rows != nullptr ? rows[i] : i];
        gradient += g.gradient;
        hessian += g.hessian;
      }
      shared->gradient[t] = gradient;
      shared->hessian[t] = hessian;
    });
    for (int half = kThreads / 2; half > 0; half /= 2)
      block.each([&](int t) {
        if (t >= half) return;
        shared->gradient[t] += shared->gradient[t + half];
        shared->hessian[t] += shared->hessian[t + half];
      });
    block.each([&](int t) {
      if (t != 0) return;
      Block::add(&out->gradient, shared->gradient[0]);
      Block::add(&out->hessian, shared->hessian[0]);
      Block::add(&out->rows, end - begin);
    });
  }
};

/// Cuts the rows of `tasks` (with rows, count and out) into blocks, fills the rest of them, and
/// says how many rows a block has and how many blocks there are: enough to fill the device, but no
/// more than make the sums worth their memory.
struct HistogramPlan {
  int64_t block_rows;
  int64_t blocks;
};
HistogramPlan plan_histograms(HistogramTask* tasks, int count, int groups, int multiprocessors);

/// Sums what `tasks` (host memory) say, which `room` (kDeviceNodes of them) holds on the device.
void sum_histograms(const DeviceQueue& queue, const DeviceBins& bins, const Gradient* gradients,
                    HistogramTask* tasks, int count, HistogramTask* room);

/// The sum over `count` rows into `out`, both on the device.
void sum_gradients(const DeviceQueue& queue, const Gradient* gradients, const int32_t* rows,
                   int64_t count, GradientSums* out);

}  // namespace cne::gbdt
