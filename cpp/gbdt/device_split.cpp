#include "gbdt/device_split.h"

namespace cne::gbdt {

void find_splits(const DeviceQueue& queue, const DeviceBins& bins, const SplitRules& rules,
                 const int8_t* directions, const SplitTask* tasks, int count, SplitRoom& room,
                 FoundSplit* best) {
  const int width = bins.bins().width();
  const int64_t nodes = 2 * int64_t{count};
  room.tasks.upload(queue, tasks, count);
  room.found.reserve(queue, nodes * width);
  room.best.reserve(queue, nodes);
  cne::run(
      queue,
      FindSplits{rules, room.tasks.data(), bins.features(), directions, width, room.found.data()},
      {width, count});
  cne::run(queue, BestSplits{room.found.data(), width, room.best.data()}, {nodes, 1});
  queue.download(room.best.data(), static_cast<size_t>(nodes) * sizeof *best, best);
}

}  // namespace cne::gbdt
