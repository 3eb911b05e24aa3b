#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "gbdt/device_scores.h"
#include "random_model.h"

using namespace cne;
using namespace cne::gbdt;

TEST_CASE("derivatives of a GPU's kernels are those of the losses, as fixed-point numbers") {
  constexpr int64_t kRows = 9001;
  constexpr int kClasses = 3;
  Random random(5);
  std::vector<double> scores, classes, numbers, weights;
  for (int64_t i = 0; i < kRows * kClasses; ++i)
    scores.push_back(random.chance(0.02) ? 800 * random.number() : 3 * random.number());
  for (int64_t i = 0; i < kRows; ++i) {
    classes.push_back(random.below(kClasses));
    numbers.push_back(random.number());
    weights.push_back(random.unit());
  }
  std::vector<double> binary = classes;
  for (double& y : binary) y = y > 1 ? 1.0 : 0.0;
  const DeviceQueue queue({}, "test");
  std::vector<double> log_sums(kRows);
  cne::run(queue, SumExponentials{scores.data(), kRows, kClasses, log_sums.data()},
           {score_blocks(kRows), 1});
  DeviceArray<uint64_t> room;
  struct Case {
    Objective objective;
    DeviceLoss loss;
    const std::vector<double>& labels;
    double scale;
  };
  for (const Case& c : {Case{Objective::kSquaredError, DeviceLoss::kSquared, numbers, 1.0},
                        Case{Objective::kBinaryLogLoss, DeviceLoss::kLog, binary, 0.8},
                        Case{Objective::kMulticlass, DeviceLoss::kSoftmax, classes, 1.5},
                        Case{Objective::kMulticlassOva, DeviceLoss::kOneAgainstAll, classes, 0.8}})
    for (const bool weighted : {false, true}) {
      ObjectiveOptions options;
      options.kind = c.objective;
      options.classes = kClasses;
      options.sigmoid = 0.8;
      options.scale_pos_weight = 2.5;
      Labels labels;
      labels.label = c.labels.data();
      labels.weight = weighted ? weights.data() : nullptr;
      labels.rows = kRows;
      const std::unique_ptr<Loss> loss = make_loss(options, labels);
      loss->prepare(scores.data(), 0);
      const bool several = c.loss == DeviceLoss::kSoftmax || c.loss == DeviceLoss::kOneAgainstAll;
      for (int k = 0; k < (several ? kClasses : 1); ++k) {
        std::vector<Gradient> want;
        const GradientUnits units = compute_gradients(*loss, scores.data(), k, kRows, want);
        DerivativeBounds bounds;
        const bool known = loss->bounds(k, &bounds);
        const LossRows rows{
            c.loss,          k,       kRows, scores.data() + k * kRows, labels.label, labels.weight,
            log_sums.data(), c.scale, 2.5};
        std::vector<Gradient> got(kRows);
        const GradientUnits own =
            fix_gradients(queue, rows, known ? &bounds : nullptr, room, got.data());
        CHECK(own.gradient == units.gradient);
        CHECK(own.hessian == units.hessian);
        bool same = true;
        for (int64_t i = 0; i < kRows; ++i)
          same &= got[i].gradient == want[i].gradient && got[i].hessian == want[i].hessian;
        CHECK(same);
      }
    }
  for (const double bad : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    scores[4321] = bad;
    const LossRows rows{
        DeviceLoss::kSquared, 0, kRows, scores.data(), numbers.data(), nullptr, nullptr, 1.0, 1.0};
    std::vector<Gradient> got(kRows);
    CHECK_THROWS_AS(fix_gradients(queue, rows, nullptr, room, got.data()), ArgumentError);
  }
}

TEST_CASE("leaves are added to the scores of their rows once") {
  const DeviceQueue queue({}, "test");
  std::vector<std::vector<int32_t>> rows(7);
  std::vector<double> got(20000, 0.5), want = got;
  for (int32_t i = 0; i < 20000; ++i)
    if (i % 5 != 0) rows[i < 9000 ? 0 : i % 7].push_back(i);
  std::vector<LeafRows> leaves;
  int64_t blocks = 0;
  for (size_t k = 0; k < rows.size(); ++k) {
    if (rows[k].empty()) continue;
    const double value = 0.1 * static_cast<double>(k + 1);
    leaves.push_back({rows[k].data(), std::ssize(rows[k]), blocks, value});
    blocks += score_blocks(std::ssize(rows[k]));
    for (const int32_t row : rows[k]) want[row] += value;
  }
  cne::run(queue, AddLeaves{leaves.data(), static_cast<int>(leaves.size()), got.data()},
           {blocks, 1});
  CHECK(got == want);
}
