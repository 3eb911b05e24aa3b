#include <doctest/doctest.h>

#include "device_data.h"
#include "gbdt/device_histogram.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

std::vector<GradientSums> cpu_histogram(const DeviceData& data, RowSet rows) {
  std::vector<GradientSums> out(static_cast<size_t>(data.bins->total_slots()));
  build_histogram({*data.bins, data.gradients.data()}, rows, out.data());
  return out;
}

}  // namespace

TEST_CASE("histograms of a GPU's kernel are those of the CPU") {
  for (const int width : {1, 3, 30, 90}) {
    const DeviceData data(5000, width, static_cast<uint64_t>(width));
    const DeviceQueue queue({}, "test");
    const DeviceBins bins(queue, *data.bins, true);
    DeviceArray<Gradient> gradients;
    gradients.upload(queue, data.gradients.data(), 5000);
    DeviceArray<HistogramTask> room(queue, kDeviceNodes);
    std::vector<std::vector<int32_t>> rows{data.some(0.7, 1), data.some(0.01, 2), {}, {17}, {}};
    std::vector<std::vector<GradientSums>> got;
    std::vector<HistogramTask> tasks;
    for (const auto& list : rows) {
      got.emplace_back(static_cast<size_t>(data.bins->total_slots()), GradientSums{7, 7, 7});
      tasks.push_back({list.data(), static_cast<int64_t>(list.size()), 0, 0, got.back().data()});
    }
    tasks.back().rows = nullptr;  // all rows
    tasks.back().count = 5000;
    sum_histograms(queue, bins, gradients.data(), tasks.data(), static_cast<int>(tasks.size()),
                   room.data());
    for (size_t i = 0; i < rows.size(); ++i) {
      const bool all = i + 1 == rows.size();
      const RowSet set{all ? nullptr : rows[i].data(), tasks[i].count};
      CHECK(got[i] == cpu_histogram(data, set));
    }
    GradientSums sum;
    sum_gradients(queue, gradients.data(), rows[0].data(), tasks[0].count, &sum);
    GradientSums want;
    for (const int32_t row : rows[0])
      want += {data.gradients[row].gradient, data.gradients[row].hessian, 1};
    CHECK(sum == want);
  }
}

TEST_CASE("blocks of rows fill the device and never overflow their counter") {
  for (const int64_t rows : {int64_t{0}, int64_t{1}, int64_t{70000}, int64_t{11000000}}) {
    std::vector<HistogramTask> tasks(3);
    for (size_t i = 0; i < 3; ++i) tasks[i].count = rows / (1 << (2 * i));
    const HistogramPlan plan = plan_histograms(tasks.data(), 3, 4, 132);
    CHECK(plan.block_rows <= kMostBlockRows);
    int64_t next = 0;
    for (const HistogramTask& task : tasks) {
      CHECK(task.first_block == next);
      CHECK(task.blocks >= 1);
      CHECK(task.blocks * plan.block_rows >= task.count);
      next += task.blocks;
    }
    CHECK(plan.blocks == next);
  }
}

TEST_CASE("the largest gradients of the most rows of a block fit the shared sums") {
  const auto n = static_cast<int64_t>(kMostBlockRows);
  const DeviceData data(n + 10, 2, 5);
  const DeviceQueue queue({}, "test");
  const DeviceBins bins(queue, *data.bins, true);
  DeviceArray<HistogramTask> room(queue, kDeviceNodes);
  for (const int32_t g : {-(1 << 30), 1 << 30}) {
    const std::vector<Gradient> gradients(static_cast<size_t>(n + 10), {g, 1 << 30});
    std::vector<GradientSums> got(static_cast<size_t>(data.bins->total_slots()));
    HistogramTask task{nullptr, n, 0, 1, got.data()};
    room.upload(queue, &task, 1);
    const PackedLayout& layout = bins.layout();
    cne::run(queue,
             SumHistograms{bins.packed(), layout.words, bins.features(), bins.groups(),
                           gradients.data(), room.data(), 1, kMostBlockRows, layout.most_slots},
             {1, static_cast<int64_t>(layout.groups.size())});
    GradientSums total;
    for (int s = 0; s < data.bins->slot(1); ++s) total += got[s];
    CHECK(total == GradientSums{g * n, (int64_t{1} << 30) * n, n});
  }
}
