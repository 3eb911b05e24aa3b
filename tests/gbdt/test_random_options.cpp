// Random data and options: a training ends, is the same on any number of threads, and goes on from
// half of its rounds to the same bits; losses are those of its predictions.

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

#include "core/parallel.h"
#include "doctest/doctest.h"
#include "gbdt/booster.h"
#include "gbdt/model_file.h"
#include "gbdt/train.h"

using namespace cne;
using namespace cne::gbdt;

namespace {

class Dice {
 public:
  explicit Dice(uint64_t seed) : random_(seed) {}
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  template <typename T>
  T any(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<int>(choices.size()))];
  }

 private:
  std::mt19937_64 random_;
};

struct Data {
  int64_t rows;
  int width;
  int outputs;
  std::vector<double> x;  // columns one after the other
  std::vector<double> y;
  std::vector<double> w;
  std::vector<uint8_t> categorical;

  Data(Dice& dice, bool binary)
      : rows(1 + dice.below(dice.one_in(3) ? 12 : 400)),
        width(1 + dice.below(5)),
        outputs(binary ? 1 : dice.any({1, 1, 3})) {
    categorical.resize(static_cast<size_t>(width));
    for (int j = 0; j < width; ++j) {
      const int kind = dice.below(5);
      categorical[j] = kind < 2;
      for (int64_t i = 0; i < rows; ++i) {
        double value = dice.unit() * 10 - 5;
        if (kind == 0) value = dice.below(3);
        if (kind == 1) value = dice.below(30) - 3;
        if (kind == 2) value = std::round(value);
        if (kind == 3) value = 7;
        x.push_back(dice.one_in(9) ? std::numeric_limits<double>::quiet_NaN() : value);
      }
    }
    for (int64_t i = 0; i < rows * outputs; ++i) {
      const double value = x[i % rows];
      const double wave = std::isnan(value) ? 1 : std::sin(value);
      y.push_back(binary ? wave + dice.unit() > 0.5 : wave * 3 + dice.unit());
    }
    if (dice.one_in(3))
      for (int64_t i = 0; i < rows; ++i) w.push_back(i == 0 ? 1 : dice.below(4));
  }
  FeatureMatrix matrix() const {
    return from_dense(x.data(), DType::kFloat64, rows, width, 8, 8 * rows);
  }
  Labels labels() const { return {y.data(), w.empty() ? nullptr : w.data(), rows, outputs}; }
};

void draw_growth(Dice& dice, const Data& data, GrowOptions& grow) {
  grow.policy = dice.any({GrowPolicy::kLeafwise, GrowPolicy::kDepthwise, GrowPolicy::kSymmetric});
  grow.num_leaves = 2 + dice.below(20);
  grow.max_depth = dice.any({0, 0, 1, 3, 5});
  grow.min_child_samples = dice.any({0, 1, 5, 20});
  grow.min_sum_hessian = dice.any({0.0, 1e-3, 2.0});
  grow.lambda_l1 = dice.any({0.0, 0.0, 1.0});
  grow.lambda_l2 = dice.any({0.0, 0.0, 3.0});
  grow.min_gain = dice.any({0.0, 0.0, 0.1});
  grow.max_delta_step = dice.any({0.0, 0.0, 0.5});
  grow.path_smooth = dice.any({0.0, 0.0, 4.0});
  grow.extra_trees = dice.one_in(4);
  grow.colsample_bylevel = dice.any({1.0, 0.6});
  grow.colsample_bynode = dice.any({1.0, 0.5});
  grow.cat_smooth = dice.any({0.0, 10.0});
  grow.min_data_per_group = dice.any({1, 5, 100});
  grow.max_cat_to_onehot = dice.any({1, 4, 50});
  if (dice.one_in(4))
    for (int j = 0; j < data.width; ++j)
      grow.monotone_constraints.push_back(data.categorical[j] ? 0 : dice.below(3) - 1);
  grow.monotone_penalty = dice.any({0.0, 0.5, 1.5});
  if (grow.policy != GrowPolicy::kSymmetric && dice.one_in(2))
    grow.monotone_method = MonotoneMethod::kIntermediate;
  if (dice.one_in(4))
    for (int set = 0; set < 2; ++set) {
      grow.interaction_constraints.emplace_back();
      for (int j = 0; j < data.width; ++j)
        if (dice.one_in(2)) grow.interaction_constraints.back().push_back(j);
    }
}

TrainOptions draw_options(Dice& dice, const Data& data, bool binary) {
  TrainOptions out;
  out.objective.kind = binary ? Objective::kBinaryLogLoss : Objective::kSquaredError;
  out.objective.outputs = data.outputs;
  out.n_estimators = 2 + dice.below(6);
  out.learning_rate = dice.any({0.1, 0.5, 1.0});
  if (dice.one_in(4)) out.learning_rates = {0.5, 0.3};
  out.boosting = dice.any({Boosting::kGbdt, Boosting::kGbdt, Boosting::kForest});
  out.max_bins = dice.any({2, 7, 255});
  out.seed = static_cast<uint64_t>(dice.below(5));
  draw_growth(dice, data, out.grow);
  SampleOptions& sample = out.sample;
  sample.strategy = dice.any(
      {RowSampling::kBagging, RowSampling::kGoss, RowSampling::kMvs, RowSampling::kBayesian});
  sample.subsample = out.boosting == Boosting::kForest ? 0.6 : dice.any({1.0, 0.5, 0.05});
  sample.bagging_freq = 1 + dice.below(3);
  sample.bagging_temperature = dice.any({0.0, 1.0, 2.5});
  out.colsample = dice.any({1.0, 0.5});
  out.multi_strategy =
      dice.any({MultiStrategy::kOneOutputPerTree, MultiStrategy::kMultiOutputTree});
  if (!out.grow.monotone_constraints.empty()) out.multi_strategy = MultiStrategy::kOneOutputPerTree;
  out.cat_method = dice.any({CategoryMethod::kSubsets, CategoryMethod::kOrdered});
  out.linear_tree = dice.one_in(4) && out.grow.monotone_constraints.empty() &&
                    out.multi_strategy == MultiStrategy::kOneOutputPerTree &&
                    out.cat_method == CategoryMethod::kSubsets;
  out.linear_lambda = dice.any({0.0, 2.0});
  return out;
}

TrainResult train_on(const Data& data, const TrainOptions& options, const Model* start = nullptr) {
  const std::vector<EvaluationSet> sets{{"same", data.matrix(), data.labels()}};
  return train(data.matrix(), data.labels(), data.categorical, sets, options, {}, start);
}

double squared_error(const Data& data, const Model& model) {
  const Booster booster(model, "test");
  std::vector<double> scores(data.y.size());
  booster.predict(data.matrix(), true, -1, scores.data());
  double sum = 0;
  double weights = 0;
  for (int64_t i = 0; i < data.rows; ++i) {
    const double w = data.w.empty() ? 1 : data.w[i];
    sum += w * std::pow(scores[i] - data.y[i], 2);
    weights += w;
  }
  return sum / weights;
}

}  // namespace

TEST_CASE("training: random data and options") {
  // CNENGINE_RANDOM_OPTIONS: how many, to look further than the tests do.
  const char* wanted = std::getenv("CNENGINE_RANDOM_OPTIONS");
  const int count = wanted != nullptr ? std::atoi(wanted) : 150;
  const int before = num_threads();
  for (int seed = 0; seed < count; ++seed) {
    CAPTURE(seed);
    Dice dice(static_cast<uint64_t>(seed));
    const bool binary = dice.one_in(3);
    Data data(dice, binary);
    if (binary) data.y[0] = 1;
    TrainOptions options = draw_options(dice, data, binary);
    set_num_threads(1);
    const TrainResult whole = train_on(data, options);
    const std::string bytes = serialize(whole.model);
    if (!binary && data.outputs == 1) {
      const double last = whole.values[0][0].back();
      CHECK(last == doctest::Approx(squared_error(data, whole.model)).epsilon(1e-6));
    }
    set_num_threads(3);
    CHECK(serialize(train_on(data, options).model) == bytes);
    const int rounds = options.n_estimators;
    options.n_estimators = rounds / 2;
    const Model half = deserialize(serialize(train_on(data, options).model), "test");
    options.n_estimators = rounds - rounds / 2;
    const TrainResult both = train_on(data, options, &half);
    CHECK(serialize(both.model) == bytes);
    CHECK(both.values == whole.values);
  }
  set_num_threads(before);
}
