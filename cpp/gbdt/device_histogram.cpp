#include "gbdt/device_histogram.h"

#include <algorithm>

namespace cne::gbdt {

namespace {

constexpr int64_t kFewestBlockRows = 1024;
constexpr int kBlocksAtOnce = 2;  // on a multiprocessor

}  // namespace

HistogramPlan plan_histograms(HistogramTask* tasks, int count, int groups, int multiprocessors) {
  int64_t rows = 0;
  for (int i = 0; i < count; ++i) rows += tasks[i].count;
  const int64_t share = rows * groups / (int64_t{multiprocessors} * kBlocksAtOnce);
  HistogramPlan plan{std::clamp(share, kFewestBlockRows, kMostBlockRows), 0};
  for (int i = 0; i < count; ++i) {
    tasks[i].first_block = plan.blocks;
    tasks[i].blocks =
        std::max<int64_t>(1, (tasks[i].count + plan.block_rows - 1) / plan.block_rows);
    plan.blocks += tasks[i].blocks;
  }
  return plan;
}

void sum_histograms(const DeviceQueue& queue, const DeviceBins& bins, const Gradient* gradients,
                    HistogramTask* tasks, int count, HistogramTask* room) {
  const PackedLayout& layout = bins.layout();
  const auto groups = static_cast<int>(layout.groups.size());
  const HistogramPlan plan = plan_histograms(tasks, count, groups, queue.limits().multiprocessors);
  queue.upload(tasks, static_cast<size_t>(count) * sizeof *tasks, room);
  const int total_slots = bins.bins().total_slots();
  constexpr int64_t kCleared = ClearHistograms::kThreads * ClearHistograms::kEach;
  if (plan.blocks > count)
    cne::run(queue, ClearHistograms{room, total_slots},
             {(int64_t{total_slots} * 3 + kCleared - 1) / kCleared, count});
  cne::run(queue,
           SumHistograms{bins.packed(), layout.words, bins.features(), bins.groups(), gradients,
                         room, count, plan.block_rows, layout.most_slots},
           {plan.blocks, groups});
}

void sum_gradients(const DeviceQueue& queue, const Gradient* gradients, const int32_t* rows,
                   int64_t count, GradientSums* out) {
  queue.clear(out, sizeof *out);
  cne::run(queue, SumGradients{gradients, rows, count, out},
           {(count + SumGradients::kBlockRows - 1) / SumGradients::kBlockRows, 1});
}

}  // namespace cne::gbdt
