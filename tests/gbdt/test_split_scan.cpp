#include <doctest/doctest.h>

#include <random>

#include "gbdt/feature_matrix.h"
#include "gbdt/split_scan.h"

using namespace cne::gbdt;

namespace {

/// All cuts one by one, with LeafMath's formulas.
Split slow_scan(const SplitContext& context, const GradientSums* slots, int count) {
  const LeafMath& math = context.math[0];
  const GradientSums& total = context.total[0];
  Split best;
  for (const bool missing_left : {false, true}) {
    if (missing_left && slots[count].rows == 0) continue;
    GradientSums left = missing_left ? slots[count] : GradientSums{};
    const int cuts = !missing_left && slots[count].rows > 0 ? count : count - 1;
    for (int b = 0; b < cuts; ++b) {
      left += slots[b];
      const GradientSums right = total - left;
      if (slots[b].rows == 0 || !may_cut(context, &left)) continue;
      const double gain = math.score(left) + math.score(right) - math.score(total);
      if (!(gain > best.gain)) continue;
      best.gain = gain;
      best.bin = b;
      best.missing_left = missing_left;
      best.left = left;
    }
  }
  return best;
}

}  // namespace

TEST_CASE("the scan side by side finds what the scan one by one finds") {
  std::mt19937 rng(5);
  for (int round = 0; round < 400; ++round) {
    const int count = 1 + static_cast<int>(rng() % 255);
    std::vector<GradientSums> slots(static_cast<size_t>(count) + 1);
    GradientSums total;
    for (GradientSums& slot : slots) {
      if (rng() % 3 == 0) continue;
      slot.rows = 1 + static_cast<int64_t>(rng() % 50);
      slot.gradient = (static_cast<int64_t>(rng() % (1u << 31)) - (1 << 30)) * slot.rows;
      slot.hessian = static_cast<int64_t>(rng() % (1u << 30)) * slot.rows;
      total += slot;
    }
    if (round % 2 == 0) {
      total = total - slots[count];
      slots[count] = {};
    }
    GrowOptions options;
    options.min_child_samples = static_cast<int64_t>(rng() % 3) * 100;
    options.lambda_l1 = round % 5 == 0 ? 3.0 : 0.0;
    options.lambda_l2 = round % 3;
    const FeatureMatrix nothing;
    const BinMatrix bins(nothing, std::vector<FeatureBins>{}, "test");
    const LeafMath math(options, {0x1p-30, 0x1p-32});
    const double value = math.value(total);
    const SplitContext context{bins, options, &math, &total, &value};
    const Split want = slow_scan(context, slots.data(), count);
    const Split got = scan_numeric(context, slots.data(), count);
    CHECK(got.gain == want.gain);
    if (!(want.gain > 0)) continue;
    CHECK(got.bin == want.bin);
    CHECK(got.missing_left == want.missing_left);
    CHECK(got.left == want.left);
  }
}
