#include "gbdt/train.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/hash.h"
#include "core/parallel.h"
#include "gbdt/grower.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kGrain = 16384;

void check_shapes(const FeatureMatrix& x, const Labels& labels, const char* what) {
  if (x.rows != labels.rows)
    throw ShapeError(message("train: expected as many labels as rows in ", what, ", got ", x.rows,
                             " rows and ", labels.rows, " labels"));
  if (x.rows == 0) throw ShapeError(message("train: expected at least one row in ", what));
}

/// Values that leave float64 would make every later sum meaningless.
void check_finite(const Tree& tree, int number) {
  bool good = true;
  for (const double value : tree.leaf_values) good &= std::isfinite(value);
  for (const TreeNode& node : tree.nodes) good &= std::isfinite(node.gain);
  if (!good)
    throw ArgumentError(message("train: numbers grew beyond float64 in tree ", number + 1,
                                "; scale y or sample_weight down, or lower learning_rate"));
}

double random_unit(uint64_t seed, uint64_t a, uint64_t b) {
  const uint64_t bits = hash_u64(hash_u64(seed ^ (a * 0x9e3779b97f4a7c15ULL)) + b + 1);
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

std::vector<int32_t> weighted_rows(const Labels& labels) {
  std::vector<int32_t> out;
  out.reserve(static_cast<size_t>(labels.rows));
  for (int64_t i = 0; i < labels.rows; ++i)
    if (labels.weight_of(i) > 0) out.push_back(static_cast<int32_t>(i));
  return out;
}

std::vector<FeatureInfo> describe(const FeatureMatrix& x, const BinMatrix& bins) {
  std::vector<FeatureInfo> out(x.columns.size());
  for (int f = 0; f < x.width(); ++f) {
    if (!x.names.empty()) out[f].name = x.names[f];
    if (!x.levels.empty()) out[f].levels = x.levels[f];
    out[f].categorical = bins.bins_of_feature(f).categorical;
    if (out[f].categorical) out[f].categories = bins.bins_of_feature(f).bounds;
  }
  return out;
}

/// Adds a tree to the scores of the rows for which `skip` is not 1.
void add_tree(const Tree& tree, const FeatureMatrix& x, const std::vector<FeatureInfo>& features,
              const uint8_t* skip, double* scores) {
  parallel_for(x.rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (skip != nullptr && skip[i]) continue;
      scores[i] += tree.leaf_values[tree.find_leaf(
          [&](int32_t f) { return features[f].encode(x.columns[f][i]); })];
    }
  });
}

/// One training: what changes from round to round.
class Training {
 public:
  Training(const FeatureMatrix& x, const Labels& labels, const std::vector<uint8_t>& categorical,
           const TrainOptions& options)
      : x_(x),
        labels_(labels),
        options_(options),
        counted_(weighted_rows(labels)),
        bins_(x,
              find_bins(x, counted_, categorical, options.max_bins, options.subsample_for_bin,
                        options.seed),
              "train"),
        grower_(bins_, options.grow, options.device) {
    model_.objective = options.objective;
    model_.base_score = base_score(options.objective, labels);
    if (!std::isfinite(model_.base_score))
      throw ArgumentError(
          "train: the sum of y times sample_weight is beyond float64; scale one of them down");
    model_.features = describe(x, bins_);
    scores_.assign(static_cast<size_t>(x.rows), model_.base_score);
  }

  const Tree& round(int number) {
    const GradientUnits units =
        compute_gradients(options_.objective, labels_, scores_.data(), gradients_);
    const bool sampled = options_.subsample < 1;
    if (sampled) choose_rows(number);
    choose_features(number);
    Tree tree =
        grower_.grow(gradients_, units, sampled ? chosen_ : counted_, use_, options_.learning_rate);
    check_finite(tree, number);
    grower_.add_to_scores(tree, scores_.data());
    if (sampled) add_tree(tree, x_, model_.features, in_bag_.data(), scores_.data());
    model_.trees.push_back(std::move(tree));
    return model_.trees.back();
  }

  Model& model() { return model_; }

 private:
  void choose_rows(int number) {
    chosen_.clear();
    in_bag_.assign(static_cast<size_t>(x_.rows), 0);
    for (const int32_t row : counted_) {
      if (random_unit(options_.seed, 2 * static_cast<uint64_t>(number),
                      static_cast<uint64_t>(row)) >= options_.subsample)
        continue;
      chosen_.push_back(row);
      in_bag_[row] = 1;
    }
    if (chosen_.empty()) {  // never a tree of nothing
      chosen_.push_back(counted_[number % counted_.size()]);
      in_bag_[chosen_[0]] = 1;
    }
  }

  void choose_features(int number) {
    const int width = bins_.width();
    use_.assign(static_cast<size_t>(width), 1);
    const int wanted = std::max(1, static_cast<int>(std::ceil(options_.colsample * width)));
    if (wanted >= width) return;
    std::vector<std::pair<double, int>> order;
    for (int j = 0; j < width; ++j)
      order.emplace_back(random_unit(options_.seed, 2 * static_cast<uint64_t>(number) + 1,
                                     static_cast<uint64_t>(j)),
                         j);
    std::sort(order.begin(), order.end());
    for (int i = wanted; i < width; ++i) use_[order[i].second] = 0;
  }

  const FeatureMatrix& x_;
  const Labels& labels_;
  const TrainOptions& options_;
  std::vector<int32_t> counted_;  // rows with a weight above 0
  BinMatrix bins_;
  Grower grower_;
  Model model_;
  std::vector<double> scores_;
  std::vector<Gradient> gradients_;
  std::vector<int32_t> chosen_;
  std::vector<uint8_t> in_bag_;
  std::vector<uint8_t> use_;
};

}  // namespace

TrainResult train(const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const Validation* validation,
                  const TrainOptions& options) {
  check_options(options, "train");
  check_shapes(x, labels, "X");
  if (x.width() == 0)
    throw ShapeError("train: expected at least one feature in X, got 0 feature(s)");
  check_labels(options.objective, labels, "train");
  if (validation != nullptr) {
    check_shapes(validation->x, validation->labels, "the validation set");
    check_labels(options.objective, validation->labels, "train: validation set");
    if (validation->x.width() != x.width())
      throw ShapeError(message("train: expected ", x.width(),
                               " features in the validation set, got ", validation->x.width()));
  } else if (options.early_stopping_rounds > 0) {
    throw ArgumentError("train: early_stopping_rounds needs a validation set (eval_set)");
  }
  Training training(x, labels, categorical, options);
  TrainResult result;
  std::vector<double> scores;
  if (validation != nullptr)
    scores.assign(static_cast<size_t>(validation->x.rows), training.model().base_score);
  int best = 0;
  for (int number = 0; number < options.n_estimators; ++number) {
    if (options.poll) options.poll();
    const Tree& tree = training.round(number);
    if (validation == nullptr) continue;
    add_tree(tree, validation->x, training.model().features, nullptr, scores.data());
    result.validation_loss.push_back(
        mean_loss(options.objective, validation->labels, scores.data()));
    if (result.validation_loss[number] < result.validation_loss[best]) best = number;
    if (options.early_stopping_rounds > 0 && number - best >= options.early_stopping_rounds) break;
  }
  result.model = std::move(training.model());
  if (options.early_stopping_rounds > 0) result.model.trees.resize(static_cast<size_t>(best) + 1);
  result.best_iteration = static_cast<int>(result.model.trees.size());
  return result;
}

}  // namespace cne::gbdt
