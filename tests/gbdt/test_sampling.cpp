// Sampling by queries, and what training offers to C++: callbacks, several sets and metrics.

#include <algorithm>
#include <cmath>

#include "core/hash.h"
#include "doctest/doctest.h"
#include "gbdt/evaluation.h"
#include "gbdt/row_weights.h"
#include "gbdt/sampling.h"
#include "gbdt/train.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

constexpr int64_t kRows = 3000;

struct Data {
  std::vector<double> x;
  std::vector<double> y;

  Data() {
    for (uint64_t i = 0; i < kRows; ++i) {
      x.push_back(static_cast<double>(hash_u64(i + 1) >> 11) * 0x1p-53);
      y.push_back(std::sin(9 * x.back()) + static_cast<double>(hash_u64(i + 77777) % 100) / 100);
    }
  }
  FeatureMatrix matrix() const {
    return from_dense(x.data(), DType::kFloat64, kRows, 1, 8, 8 * kRows);
  }
  Labels labels() const { return {y.data(), nullptr, kRows}; }
};

std::vector<int32_t> all_rows() {
  std::vector<int32_t> out(kRows);
  for (int32_t i = 0; i < kRows; ++i) out[i] = i;
  return out;
}

Labels with_queries(const Data& data) {
  Labels labels = data.labels();
  for (int64_t at = 0; at < kRows; at += 1 + static_cast<int64_t>(hash_u64(at + 5) % 9))
    labels.groups.push_back(at);
  labels.groups.push_back(kRows);
  return labels;
}

}  // namespace

TEST_CASE("sampling: bagging takes whole queries") {
  const Data data;
  const Labels labels = with_queries(data);
  SampleOptions options;
  options.subsample = 0.4;
  options.bagging_by_query = true;
  RowSampler sampler(labels, all_rows(), options, 3);
  std::vector<std::vector<Gradient>> gradients(1, std::vector<Gradient>(kRows));
  std::vector<GradientUnits> units(1);
  sampler.choose(0, 0.1, gradients, units);
  int64_t taken = 0;
  const auto queries = static_cast<int64_t>(labels.groups.size()) - 1;
  for (int64_t q = 0; q < queries; ++q) {
    const uint8_t first = sampler.in_bag()[labels.groups[q]];
    taken += first;
    for (int64_t i = labels.groups[q]; i < labels.groups[q + 1]; ++i)
      REQUIRE(sampler.in_bag()[i] == first);
  }
  const double spread = std::sqrt(0.4 * 0.6 * static_cast<double>(queries));
  CHECK(std::abs(static_cast<double>(taken) - 0.4 * static_cast<double>(queries)) < 4 * spread);
}

TEST_CASE("sampling: Bayesian weights are those of the query") {
  const Data data;
  const Labels labels = with_queries(data);
  SampleOptions options;
  options.strategy = RowSampling::kBayesian;
  options.bagging_by_query = true;
  RowSampler sampler(labels, all_rows(), options, 3);
  std::vector<std::vector<Gradient>> gradients(1, std::vector<Gradient>(kRows, {1 << 20, 1 << 20}));
  std::vector<GradientUnits> units(1);
  sampler.choose(0, 0.1, gradients, units);
  CHECK(sampler.in_bag() == nullptr);
  for (size_t q = 0; q + 1 < labels.groups.size(); ++q)
    for (int64_t i = labels.groups[q]; i < labels.groups[q + 1]; ++i)
      REQUIRE(gradients[0][i].gradient == gradients[0][labels.groups[q]].gradient);
  CHECK(gradients[0].front().gradient != gradients[0].back().gradient);
}

TEST_CASE("sampling: the k-th largest, and thresholds with the wanted sum of chances") {
  std::vector<float> keys;
  for (uint64_t i = 0; i < 200000; ++i)
    keys.push_back(std::exp(static_cast<float>(hash_u64(i) % 20000) / 1000 - 9));
  std::vector<float> sorted = keys;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  for (const int64_t k : {1, 2, 777, 100000, 200000})
    CHECK(kth_largest(keys, k) == sorted[static_cast<size_t>(k - 1)]);
  for (const double share : {0.01, 0.3, 0.9, 1.0}) {
    const double mu = mvs_threshold(keys, share * 200000);
    double sum = 0;
    for (const float key : keys) sum += mu > 0 ? std::min(1.0, static_cast<double>(key) / mu) : 1;
    CHECK(sum == doctest::Approx(share * 200000).epsilon(0.01));
  }
  CHECK(kth_largest({0.0F, 0.0F}, 2) == 0.0F);
  CHECK(mvs_threshold({0.0F, 0.0F}, 1) == 0.0);
}

TEST_CASE("sampling: weights move the unit, not the sums") {
  std::vector<Gradient> gradients{{1 << 30, 1 << 29}, {-(1 << 10), 3}, {5, 1 << 28}};
  const std::vector<Gradient> before = gradients;
  const std::vector<float> weights{100.0F, 3.5F, 0.0F};
  const GradientUnits units = reweigh({0, 1, 2}, weights, {0.5, 2.0}, gradients);
  for (size_t i = 0; i < 3; ++i) {
    const double w = static_cast<double>(weights[i]);
    CHECK(std::abs(gradients[i].gradient) <= 1 << 30);
    CHECK(gradients[i].hessian <= 1 << 30);
    CHECK(std::abs(gradients[i].gradient * units.gradient - w * before[i].gradient * 0.5) <=
          units.gradient / 2);
    CHECK(std::abs(gradients[i].hessian * units.hessian - w * before[i].hessian * 2.0) <=
          units.hessian / 2);
  }
}

TEST_CASE("training: a callback sees the forest that predictions would use, and ends it") {
  const Data data;
  TrainOptions options;
  options.boosting = Boosting::kForest;
  options.sample.subsample = 0.5;
  std::vector<EvaluationSet> sets{{"same", data.matrix(), data.labels()}};
  int called = 0;
  const TrainResult result =
      train(data.matrix(), data.labels(), {0}, sets, options, [&](const RoundView& view) {
        CHECK(view.round == called++);
        double error = 0;
        for (int64_t i = 0; i < kRows; ++i) {
          double score = view.model.base_scores[0];
          for (const Tree& tree : view.model.trees) {
            const auto value = [&](int) { return data.x[i]; };
            score += tree.leaf_value(tree.find_leaf(value), 0, value);
          }
          error += std::pow(score - data.y[i], 2) / kRows;
        }
        CHECK(view.values[0][0].back() == doctest::Approx(error).epsilon(1e-9));
        return RoundVerdict{called < 5, {}};
      });
  CHECK(result.model.trees.size() == 5);
  CHECK(result.best_iteration == 5);
}

TEST_CASE("training: any metric of any set may stop, or the first one alone") {
  TrainOptions options;
  options.early_stopping_rounds = 2;
  const std::vector<Metric> metrics{{"down", "down", 0, false}, {"up", "up", 0, true}};
  // By set, metric and round. The second set's second metric is best in round 1.
  const Evaluations values{{{5, 4, 3, 2, 1}, {1, 2, 3, 4, 5}}, {{5, 4, 3, 2, 1}, {1, 9, 3, 4, 5}}};
  for (const bool first_only : {true, false}) {
    options.first_metric_only = first_only;
    Stopping stopping(options, metrics);
    int round = 0;
    while (round < 5 && !stopping.update(values, round)) ++round;
    CHECK(round == (first_only ? 5 : 3));
    CHECK(stopping.best() == (first_only ? 4 : 1));
  }
  options.early_stopping_min_delta = 1.5;
  options.first_metric_only = true;
  Stopping slow(options, metrics);
  int round = 0;
  while (round < 5 && !slow.update(values, round)) ++round;
  CHECK(slow.best() == 4);  // 5, then 3, then 1: each better by more than 1.5
}
