#include <doctest/doctest.h>

#include <deque>

#include "device_data.h"
#include "gbdt/constraints.h"
#include "gbdt/device_split.h"
#include "gbdt/split.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

std::vector<GradientSums> histogram_of(const DeviceData& data, const std::vector<int32_t>& rows) {
  std::vector<GradientSums> out(static_cast<size_t>(data.bins->total_slots()));
  build_histogram({*data.bins, data.gradients.data()},
                  {rows.data(), static_cast<int64_t>(rows.size())}, out.data());
  return out;
}

GradientSums sum_of(const DeviceData& data, const std::vector<int32_t>& rows) {
  GradientSums out;
  for (const int32_t row : rows)
    out += {data.gradients[row].gradient, data.gradients[row].hessian, 1};
  return out;
}

/// What the search of the CPU finds on all features.
Split cpu_split(const SplitContext& context, const std::vector<uint8_t>& use,
                const GradientSums* histogram) {
  Split best;
  for (int j = 0; j < context.bins.width(); ++j) {
    if (!use[j]) continue;
    const Split split = best_split(context, j, histogram);
    if (split.gain > best.gain) best = split;
  }
  return best;
}

void check_options(const DeviceData& data, const GrowOptions& options, uint64_t seed) {
  Random random(seed);
  const BinMatrix& bins = *data.bins;
  const DeviceQueue queue({}, "test");
  const DeviceBins device(queue, bins, true);
  const LeafMath math(options, {0x1p-30, 0x1p-32});
  const SplitRules rules{math, options.min_child_samples, options.min_sum_hessian, options.min_gain,
                         options.max_delta_step == 0 && options.path_smooth == 0};
  std::vector<int8_t> directions;
  for (int j = 0; j < bins.width() && !options.monotone_constraints.empty(); ++j)
    directions.push_back(static_cast<int8_t>(options.monotone_constraints[bins.feature(j)]));
  std::vector<uint8_t> use(static_cast<size_t>(bins.width()), 1);
  for (uint8_t& flag : use) flag = random.chance(0.9);
  struct Pair {
    std::vector<GradientSums> small, parent, large;
    GradientSums totals[2];
    double values[2];
    ValueBounds bounds;
  };
  std::deque<Pair> pairs;
  std::vector<SplitTask> tasks;
  for (int i = 0; i < 4; ++i) {
    Pair& pair = pairs.emplace_back();
    const std::vector<int32_t> small =
        data.some(i == 3 ? 0.02 : 0.2, seed + static_cast<uint64_t>(i));
    std::vector<int32_t> large;
    for (const int32_t row : data.all)
      if (!std::binary_search(small.begin(), small.end(), row)) large.push_back(row);
    pair.small = histogram_of(data, small);
    pair.parent = histogram_of(data, data.all);
    pair.large = histogram_of(data, large);
    pair.totals[0] = sum_of(data, small);
    pair.totals[1] = sum_of(data, large);
    if (i % 2 == 1) pair.bounds = {-0.01, 0.02};
    SplitTask task{pair.small.data(), i == 0 ? nullptr : pair.parent.data(), {}};
    for (int k = 0; k < 2; ++k) {
      pair.values[k] = math.value(pair.totals[k]);
      task.nodes[k] = {{pair.totals[k], pair.values[k], pair.bounds},
                       i == 2 && k == 1 ? nullptr : use.data(),
                       monotone_factor(options.monotone_penalty, 2)};
    }
    tasks.push_back(task);
  }
  SplitRoom room;
  std::vector<FoundSplit> found(2 * tasks.size());
  find_splits(queue, device, rules, directions.empty() ? nullptr : directions.data(), tasks.data(),
              static_cast<int>(tasks.size()), room, found.data());
  for (size_t i = 0; i < tasks.size(); ++i) {
    const Pair& pair = pairs[i];
    if (i > 0) CHECK(pair.parent == pair.large);
    for (int k = 0; k < (i == 0 ? 1 : 2); ++k) {
      const FoundSplit& got = found[2 * i + k];
      if (i == 2 && k == 1) {
        CHECK(got.feature == -1);
        continue;
      }
      const SplitContext context{bins, options,     &math, &pair.totals[k], &pair.values[k],
                                 1,    pair.bounds, 2};
      const Split want = cpu_split(context, use, (k == 0 ? pair.small : pair.large).data());
      REQUIRE(got.feature == want.feature);
      if (!want.found()) continue;
      CHECK(got.gain == want.gain);
      CHECK(got.bin == want.bin);
      CHECK((got.missing_left != 0) == want.missing_left);
      CHECK(got.left == want.left);
    }
  }
}

}  // namespace

TEST_CASE("of equal gains a GPU's kernel keeps the cut that the CPU keeps") {
  for (uint64_t seed = 1; seed < 30; ++seed) {
    const DeviceData data(40, 8, seed, true);
    GrowOptions options;
    options.min_child_samples = 1;
    check_options(data, options, seed);
  }
}

TEST_CASE("a GPU's kernel keeps the lower one of two bins that gain the same") {
  // The first and the last cut are each other's mirror.
  const DeviceData data(3000, 6, 3);
  const BinMatrix& bins = *data.bins;
  const DeviceQueue queue({}, "test");
  const DeviceBins device(queue, bins, true);
  GrowOptions options;
  options.min_child_samples = 1;
  options.min_sum_hessian = 0;
  const LeafMath math(options, {0x1p-30, 0x1p-32});
  for (int j = 0; j < bins.width(); ++j) {
    std::vector<GradientSums> histogram(static_cast<size_t>(bins.total_slots()));
    GradientSums total;
    const int even = bins.bins(j).count() / 2 * 2;
    for (int b = 0; b < even; ++b) {
      histogram[bins.slot(j) + b] = {b % 2 == 0 ? 1 << 25 : -(1 << 25), 1 << 25, 1};
      total += histogram[bins.slot(j) + b];
    }
    std::vector<uint8_t> use(static_cast<size_t>(bins.width()));
    use[j] = 1;
    const double value = math.value(total);
    const SplitTask task{histogram.data(), nullptr, {{{total, value, {}}, use.data(), 1}, {}}};
    SplitRoom room;
    FoundSplit found[2];
    find_splits(queue, device, {math, 1, 0, 0, true}, nullptr, &task, 1, room, found);
    const Split want = best_split({bins, options, &math, &total, &value}, j, histogram.data());
    CHECK(want.bin == 0);
    CHECK(found[0].bin == want.bin);
    CHECK(found[0].gain == want.gain);
  }
}

TEST_CASE("splits of a GPU's kernel are those of the CPU") {
  const DeviceData data(3000, 25, 11);
  uint64_t seed = 1;
  for (const double l1 : {0.0, 0.3})
    for (const double l2 : {0.0, 2.0})
      for (const double step : {0.0, 0.05})
        for (const double smooth : {0.0, 3.0})
          for (const bool monotone : {false, true}) {
            GrowOptions options;
            options.lambda_l1 = l1;
            options.lambda_l2 = l2;
            options.max_delta_step = step;
            options.path_smooth = smooth;
            options.min_child_samples = seed % 2 == 0 ? 0 : 25;
            options.min_gain = seed % 3 == 0 ? 1e-3 : 0;
            for (int f = 0; f < data.x.width() && monotone; ++f)
              options.monotone_constraints.push_back(f % 3 - 1);
            options.monotone_penalty = monotone ? 0.5 : 0;
            check_options(data, options, ++seed);
          }
}
