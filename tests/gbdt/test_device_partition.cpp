#include <doctest/doctest.h>

#include "device_data.h"
#include "gbdt/device_bins.h"
#include "gbdt/device_partition.h"
#include "gbdt/partition.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("a GPU's kernels part the rows of several nodes as the CPU does") {
  constexpr int64_t kRows = 600000;  // one node has more blocks than a scan takes at once
  const DeviceData data(kRows, 2, 7);
  const DeviceQueue queue({}, "test");
  const DeviceBins bins(queue, *data.bins, false);
  Random random(3);
  const std::vector<std::vector<int32_t>> nodes{data.all, data.some(0.2, 1),   {},
                                                {5},      data.some(0.004, 2), data.all};
  std::vector<std::vector<int32_t>> got, want;
  std::vector<PartitionTask> tasks;
  for (size_t i = 0; i < nodes.size(); ++i) {
    PartitionTask task{};
    SideOfBin sides{};
    for (int b = 0; b < 256; ++b) {
      sides[b] = random.chance(i == 1 ? 0.02 : 0.5);
      if (sides[b]) task.left_bins[b / 64] |= uint64_t{1} << (b % 64);
    }
    PartitionScratch scratch;
    want.push_back(nodes[i]);
    const auto feature = static_cast<int>(i % 2);
    task.lefts = partition(data.bins->column(feature), sides, want.back().data(),
                           static_cast<int64_t>(want.back().size()), scratch);
    got.emplace_back(nodes[i].size(), -1);
    task.from = i + 1 < nodes.size() ? nodes[i].data() : nullptr;
    task.to = got.back().data();
    task.count = static_cast<int64_t>(nodes[i].size());
    task.column = bins.column(feature);
    tasks.push_back(task);
  }
  PartitionRoom room;
  partition_rows(queue, tasks.data(), static_cast<int>(tasks.size()), room);
  for (size_t i = 0; i < nodes.size(); ++i) CHECK(got[i] == want[i]);
}
