#include "gbdt/device_partition.h"

namespace cne::gbdt {

void partition_rows(const DeviceQueue& queue, PartitionTask* tasks, int count,
                    PartitionRoom& room) {
  int64_t blocks = 0;
  for (int i = 0; i < count; ++i) {
    tasks[i].first_block = blocks;
    tasks[i].blocks = (tasks[i].count + kPartitionRows - 1) / kPartitionRows;
    blocks += tasks[i].blocks;
  }
  room.tasks.upload(queue, tasks, count);
  room.sides.reserve(queue, blocks * kPartitionRows);
  room.counts.reserve(queue, blocks);
  room.places.reserve(queue, blocks);
  const PartitionTask* all = room.tasks.data();
  cne::run(queue, FindSides{all, count, room.sides.data(), room.counts.data()}, {blocks, 1});
  cne::run(queue, PlaceBlocks{all, room.counts.data(), room.places.data()}, {count, 1});
  cne::run(queue, MoveRows{all, count, room.sides.data(), room.places.data()}, {blocks, 1});
}

}  // namespace cne::gbdt
