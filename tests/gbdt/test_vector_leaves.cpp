// Trees with a value for each output in their leaves: against every cut tried in float64.

#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/hash.h"
#include "core/parallel.h"
#include "doctest/doctest.h"
#include "gbdt/booster.h"
#include "gbdt/model_file.h"
#include "gbdt/train.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

constexpr int64_t kRows = 400;
constexpr int kWidth = 3;
constexpr int kOutputs = 3;

double noise(uint64_t at) { return static_cast<double>(hash_u64(at + 1) >> 11) * 0x1p-52 - 1; }

/// Columns of x one after the other, then the labels of each output.
struct Data {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<uint8_t> categorical;

  explicit Data(bool with_categories) : categorical(kWidth) {
    for (int j = 0; j < kWidth; ++j)
      for (int64_t i = 0; i < kRows; ++i) x.push_back(std::round(10 * noise(j * kRows + i)) / 10);
    if (with_categories) {
      categorical[1] = 1;
      for (int64_t i = 0; i < kRows; ++i) x[kRows + i] = std::floor(8 + 8 * noise(kRows + i));
    }
    for (int64_t i = 0; i < kRows; i += 13) x[i] = std::numeric_limits<double>::quiet_NaN();
    for (int k = 0; k < kOutputs; ++k)
      for (int64_t i = 0; i < kRows; ++i) {
        const double first = std::isnan(x[i]) ? 0.7 : x[i];
        const double second = x[kRows + i];
        y.push_back((k + 1) * first + std::sin(k + 3 * second) + 0.2 * noise(9999 + k * kRows + i));
      }
  }
  FeatureMatrix matrix() const {
    return from_dense(x.data(), DType::kFloat64, kRows, kWidth, 8, 8 * kRows);
  }
  Labels labels() const { return {y.data(), nullptr, kRows, kOutputs}; }
};

TrainOptions options_of(GrowPolicy policy) {
  TrainOptions options;
  options.objective.outputs = kOutputs;
  options.multi_strategy = MultiStrategy::kMultiOutputTree;
  options.n_estimators = 8;
  options.learning_rate = 0.3;
  options.grow.policy = policy;
  options.grow.max_depth = 4;
  options.grow.min_child_samples = 5;
  options.grow.min_data_per_group = 5;
  return options;
}

TrainResult train_on(const Data& data, const TrainOptions& options, const Model* start = nullptr) {
  const std::vector<EvaluationSet> sets{{"same", data.matrix(), data.labels()}};
  return train(data.matrix(), data.labels(), data.categorical, sets, options, {}, start);
}

/// Scores of all rows from the trees as data, output-major.
std::vector<double> scores_of(const Data& data, const Model& model) {
  std::vector<double> out;
  for (const double base : model.base_scores) out.insert(out.end(), kRows, base);
  for (const Tree& tree : model.trees)
    for (int64_t i = 0; i < kRows; ++i) {
      const auto value = [&](int f) { return model.features[f].encode(data.x[f * kRows + i]); };
      const int leaf = tree.find_leaf(value);
      for (int k = 0; k < tree.width; ++k)
        out[(tree.output + k) * kRows + i] += tree.leaf_value(leaf, k, value);
    }
  return out;
}

double squared_error(const Data& data, const std::vector<double>& scores) {
  double sum = 0;
  for (size_t i = 0; i < scores.size(); ++i) sum += std::pow(scores[i] - data.y[i], 2);
  return sum;
}

/// Half the sum over outputs of G^2 / n on both sides less that of all rows: the best of all cuts.
double best_gain(const Data& data, int64_t least) {
  std::vector<double> mean(kOutputs);
  for (int k = 0; k < kOutputs; ++k)
    for (int64_t i = 0; i < kRows; ++i) mean[k] += data.y[k * kRows + i] / kRows;
  double best = 0;
  for (int f = 0; f < kWidth; ++f)
    for (int64_t cut = 0; cut < kRows; ++cut)
      for (const bool missing_left : {false, true}) {
        double gain = 0;
        int64_t count = 0;
        for (int k = 0; k < kOutputs; ++k) {
          double left = 0;
          count = 0;
          for (int64_t i = 0; i < kRows; ++i) {
            const double x = data.x[f * kRows + i];
            if (std::isnan(x) ? !missing_left : !(x <= data.x[f * kRows + cut])) continue;
            left += data.y[k * kRows + i] - mean[k];
            ++count;
          }
          gain += left * left / 2 * (1.0 / count + 1.0 / (kRows - count));
        }
        if (count >= least && kRows - count >= least) best = std::max(best, gain);
      }
  return best;
}

}  // namespace

TEST_CASE("vector leaves: the first split has the largest sum of gains") {
  const Data data(false);
  for (const GrowPolicy policy : {GrowPolicy::kLeafwise, GrowPolicy::kSymmetric}) {
    TrainOptions options = options_of(policy);
    options.n_estimators = 1;
    options.learning_rate = 1;
    options.grow.max_depth = 1;
    const Model model = train_on(data, options).model;
    REQUIRE(model.trees.size() == 1);
    const Tree& tree = model.trees[0];
    CHECK(tree.width == kOutputs);
    REQUIRE(tree.leaves() == 2);
    CHECK(tree.nodes[0].gain == doctest::Approx(best_gain(data, 5)).epsilon(1e-6));
    // Leaves are means: the error falls by twice the gain.
    const Model none = [&] {
      Model out = model;
      out.trees.clear();
      return out;
    }();
    const double fallen =
        squared_error(data, scores_of(data, none)) - squared_error(data, scores_of(data, model));
    CHECK(fallen == doctest::Approx(2 * tree.nodes[0].gain).epsilon(1e-6));
  }
}

TEST_CASE("vector leaves: equal outputs grow the tree of one") {
  Data data(true);
  for (int k = 1; k < kOutputs; ++k) std::copy_n(data.y.begin(), kRows, data.y.begin() + k * kRows);
  const TrainOptions options = options_of(GrowPolicy::kLeafwise);
  const Model together = train_on(data, options).model;
  TrainOptions apart = options;
  apart.multi_strategy = MultiStrategy::kOneOutputPerTree;
  const Model single = train_on(data, apart).model;
  REQUIRE(together.trees.size() == 8);
  REQUIRE(single.trees.size() == 8 * kOutputs);
  for (size_t t = 0; t < together.trees.size(); ++t) {
    const Tree& tree = together.trees[t];
    const Tree& one = single.trees[t * kOutputs];
    REQUIRE(tree.leaves() == one.leaves());
    CHECK(tree.category_sets == one.category_sets);
    for (int leaf = 0; leaf < one.leaves(); ++leaf)
      for (int k = 0; k < kOutputs; ++k)
        CHECK(tree.leaf_values[leaf * kOutputs + k] == one.leaf_values[leaf]);
  }
}

TEST_CASE("vector leaves: models fit, go on, and are the same on any number of threads") {
  const int before = num_threads();
  for (const bool with_categories : {false, true}) {
    const Data data(with_categories);
    for (const GrowPolicy policy :
         {GrowPolicy::kLeafwise, GrowPolicy::kDepthwise, GrowPolicy::kSymmetric}) {
      TrainOptions options = options_of(policy);
      options.sample.strategy = with_categories ? RowSampling::kGoss : RowSampling::kBagging;
      options.sample.subsample = 0.7;
      options.grow.path_smooth = 1;
      std::string bytes;
      for (const int threads : {1, 2, 4}) {
        set_num_threads(threads);
        const TrainResult result = train_on(data, options);
        const std::vector<double> scores = scores_of(data, result.model);
        const double error = squared_error(data, scores);
        std::vector<double> predicted(scores.size());
        Booster(result.model, "test").predict(data.matrix(), true, -1, predicted.data());
        for (int64_t i = 0; i < kRows; ++i)
          for (int k = 0; k < kOutputs; ++k)
            REQUIRE(predicted[i * kOutputs + k] == doctest::Approx(scores[k * kRows + i]));
        CHECK(error < 0.5 * squared_error(data, std::vector<double>(kRows * kOutputs)));
        if (threads == 1) bytes = serialize(result.model);
        CHECK(serialize(result.model) == bytes);
        options.n_estimators = 3;
        const Model part = train_on(data, options).model;
        options.n_estimators = 5;
        CHECK(serialize(train_on(data, options, &part).model) == bytes);
        options.n_estimators = 8;
      }
    }
  }
  set_num_threads(before);
}

TEST_CASE("vector leaves: what they cannot do is refused") {
  const Data data(false);
  TrainOptions options = options_of(GrowPolicy::kLeafwise);
  options.grow.monotone_constraints = {1, 0, 0};
  CHECK_THROWS_AS(train_on(data, options), ArgumentError);
  options = options_of(GrowPolicy::kLeafwise);
  options.linear_tree = true;
  CHECK_THROWS_AS(train_on(data, options), ArgumentError);
  options = options_of(GrowPolicy::kLeafwise);
  options.multi_strategy = MultiStrategy::kOneOutputPerTree;
  const Model apart = train_on(data, options).model;
  CHECK_THROWS_AS(train_on(data, options_of(GrowPolicy::kLeafwise), &apart), ArgumentError);
}
