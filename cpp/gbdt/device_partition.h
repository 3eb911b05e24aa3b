#pragma once

#include <cstdint>

#include "core/device_queue.h"
#include "core/kernel.h"

namespace cne::gbdt {

/// A node whose rows are cut in two: those that go left to the front, both sides in their order.
struct PartitionTask {
  const int32_t* from;  // its rows; null: rows 0 .. count - 1
  int32_t* to;          // other memory
  int64_t count;
  int64_t lefts;          // how many go left
  const uint8_t* column;  // bins of the feature
  int64_t first_block;    // of the grid; `blocks` of them
  int64_t blocks;
  uint64_t left_bins[4];  // bit b % 64 of word b / 64: bin b goes left
};

inline constexpr int kPartitionThreads = 256;
inline constexpr int kPartitionEach = 8;  // rows one after the other that a thread has
inline constexpr int64_t kPartitionRows = kPartitionThreads * kPartitionEach;

/// The task that a block of the grid belongs to.
CNE_HD inline int task_of_block(const PartitionTask* tasks, int count, int64_t block) {
  int number = 0;
  while (number + 1 < count && block >= tasks[number + 1].first_block) ++number;
  return number;
}

/// The side of each row, and how many rows of each block go left. A block has kPartitionRows rows.
/// Bytes that move: row number (4), bin (1, in rising order of rows), side (1).
struct FindSides {
  static constexpr const char* kName = "train: find_sides";
  static constexpr int kThreads = kPartitionThreads;
  const PartitionTask* tasks;
  int task_count;
  uint8_t* sides;   // kPartitionRows for each block of the grid
  int32_t* counts;  // by block

  size_t shared_bytes() const { return sizeof(uint32_t); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* lefts = block.template shared<uint32_t>();
    const PartitionTask& task = tasks[task_of_block(tasks, task_count, block.x())];
    const int64_t begin = (block.x() - task.first_block) * kPartitionRows;
    uint8_t* out = sides + block.x() * kPartitionRows;
    block.each([&](int t) {
      if (t == 0) *lefts = 0;
    });
    block.each([&](int t) {
      uint32_t own = 0;
      for (int k = 0; k < kPartitionEach; ++k) {
        const int at = k * kThreads + t;
        if (begin + at >= task.count) continue;
        const int64_t row = task.from != nullptr ? task.from[begin + at] : begin + at;
        const int bin = task.column[row];
        const auto left = static_cast<uint8_t>((task.left_bins[bin >> 6] >> (bin & 63)) & 1);
        out[at] = left;
        own += left;
      }
      Block::add(lefts, own);
    });
    block.each([&](int t) {
      if (t == 0) counts[block.x()] = static_cast<int32_t>(*lefts);
    });
  }
};

/// Where the left rows of each block begin among those of its task: block x does task x.
struct PlaceBlocks {
  static constexpr const char* kName = "train: place_blocks";
  static constexpr int kThreads = kPartitionThreads;
  const PartitionTask* tasks;
  const int32_t* counts;
  int64_t* places;

  struct Shared {
    int64_t sums[2][kThreads];
    int64_t before;
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const PartitionTask& task = tasks[block.x()];
    block.each([&](int t) {
      if (t == 0) shared->before = 0;
    });
    for (int64_t first = 0; first < task.blocks; first += kThreads) {
      const int64_t at = task.first_block + first;
      const int64_t left = task.blocks - first;
      block.each([&](int t) { shared->sums[0][t] = t < left ? counts[at + t] : 0; });
      int from = 0;
      for (int step = 1; step < kThreads; step *= 2) {
        block.each([&](int t) {
          shared->sums[1 - from][t] =
              shared->sums[from][t] + (t >= step ? shared->sums[from][t - step] : 0);
        });
        from = 1 - from;
      }
      block.each([&](int t) {
        if (t < left) places[at + t] = shared->before + (t > 0 ? shared->sums[from][t - 1] : 0);
      });
      block.each([&](int t) {
        if (t == 0) shared->before += shared->sums[from][kThreads - 1];
      });
    }
  }
};

/// Writes the rows of each block to their places. Bytes that move: row number twice (8), side (1).
struct MoveRows {
  static constexpr const char* kName = "train: move_rows";
  static constexpr int kThreads = kPartitionThreads;
  const PartitionTask* tasks;
  int task_count;
  const uint8_t* sides;
  const int64_t* places;

  struct Shared {
    int32_t sums[2][kThreads];  // rows that go left, of threads up to each one
  };
  size_t shared_bytes() const { return sizeof(Shared); }

  template <typename Block>
  CNE_BODY void run(Block& block) const {
    auto* shared = block.template shared<Shared>();
    const PartitionTask& task = tasks[task_of_block(tasks, task_count, block.x())];
    const int64_t begin = (block.x() - task.first_block) * kPartitionRows;
    const uint8_t* own = sides + block.x() * kPartitionRows;
    const auto last_of = [&](int t) {
      const int64_t last = int64_t{t + 1} * kPartitionEach;
      return last < task.count - begin ? last : task.count - begin;
    };
    block.each([&](int t) {
      int32_t lefts = 0;
      for (int64_t i = int64_t{t} * kPartitionEach; i < last_of(t); ++i) lefts += own[i];
      shared->sums[0][t] = lefts;
    });
    int from = 0;
    for (int step = 1; step < kThreads; step *= 2) {
      block.each([&](int t) {
        shared->sums[1 - from][t] =
            shared->sums[from][t] + (t >= step ? shared->sums[from][t - step] : 0);
      });
      from = 1 - from;
    }
    block.each([&](int t) {
      int64_t left = places[block.x()] + (t > 0 ? shared->sums[from][t - 1] : 0);
      const int64_t first = int64_t{t} * kPartitionEach;
      for (int64_t i = first; i < last_of(t); ++i) {
        const int64_t at = begin + i;
        const int32_t row = task.from != nullptr ? task.from[at] : static_cast<int32_t>(at);
        if (own[i])
          task.to[left++] = row;
        else
          task.to[task.lefts + at - left] = row;
      }
    });
  }
};

/// Memory of partitions, on the device.
struct PartitionRoom {
  DeviceArray<PartitionTask> tasks;
  DeviceArray<uint8_t> sides;
  DeviceArray<int32_t> counts;
  DeviceArray<int64_t> places;
};

/// Cuts the rows of `tasks` (host memory); their blocks are filled in.
void partition_rows(const DeviceQueue& queue, PartitionTask* tasks, int count, PartitionRoom& room);

}  // namespace cne::gbdt
