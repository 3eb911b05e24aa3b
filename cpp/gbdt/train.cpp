#include "gbdt/train.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_tree.h"
#include "gbdt/grower.h"
#include "gbdt/metric.h"
#include "gbdt/random_unit.h"

namespace cne::gbdt {

namespace {

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

std::vector<int32_t> weighted_rows(const Labels& labels) {
  std::vector<int32_t> out;
  out.reserve(static_cast<size_t>(labels.rows));
  for (int64_t i = 0; i < labels.rows; ++i)
    if (labels.weight_of(i) > 0) out.push_back(static_cast<int32_t>(i));
  return out;
}

/// Output-major: the base scores, or the margins that the caller gives.
std::vector<double> first_scores(const Model& model, const Labels& labels) {
  std::vector<double> out;
  out.reserve(static_cast<size_t>(labels.rows * model.outputs()));
  for (const double base : model.base_scores)
    out.insert(out.end(), static_cast<size_t>(labels.rows), base);
  if (labels.base_margin != nullptr)
    for (size_t i = 0; i < out.size(); ++i) out[i] = labels.base_margin[i];
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

/// One training: what changes from round to round.
class Training {
 public:
  Training(const FeatureMatrix& x, const Labels& labels, const std::vector<uint8_t>& categorical,
           const TrainOptions& options)
      : x_(x),
        labels_(labels),
        options_(options),
        loss_(make_loss(options.objective, labels)),
        counted_(weighted_rows(labels)),
        bins_(x,
              find_bins(x, counted_, categorical, options.max_bins, options.subsample_for_bin,
                        options.seed),
              "train"),
        grower_(bins_, options.grow, options.seed, options.device) {
    model_.objective = options.objective;
    model_.base_scores = loss_->base_scores();
    if (labels.base_margin != nullptr)  // the caller knows where to begin, also in prediction
      std::fill(model_.base_scores.begin(), model_.base_scores.end(), 0.0);
    for (const double score : model_.base_scores)
      if (!std::isfinite(score))
        throw ArgumentError(
            "train: the sum of y times sample_weight is beyond float64; scale one of them down");
    model_.features = describe(x, bins_);
    scores_ = first_scores(model_, labels);
  }

  /// Grows the trees of one round and adds them to the scores.
  void round(int number) {
    const bool sampled = options_.subsample < 1;
    if (sampled) choose_rows(number);
    use_ =
        sample_features(std::vector<uint8_t>(static_cast<size_t>(bins_.width()), 1),
                        options_.colsample, random_key(options_.seed, Draw::kTreeFeatures, number));
    loss_->prepare(scores_.data());
    // All outputs of a round see the same scores.
    std::vector<Tree> grown;
    for (int k = 0; k < model_.outputs(); ++k) {
      const GradientUnits units =
          compute_gradients(*loss_, scores_.data(), k, labels_.rows, gradients_);
      Tree tree = grower_.grow({&gradients_, &units, 1, sampled ? chosen_ : counted_, use_,
                                options_.learning_rate, model_.trees.size() + grown.size()});
      tree.output = k;
      renew_leaves(tree);
      check_finite(tree, number);
      if (model_.outputs() == 1) add(tree, sampled);
      grown.push_back(std::move(tree));
    }
    for (Tree& tree : grown) {
      if (model_.outputs() > 1) BinTree(tree, bins_).add(tree, bins_, nullptr, 1.0, scores_.data());
      model_.trees.push_back(std::move(tree));
    }
  }

  const BinMatrix& bins() const { return bins_; }
  Model& model() { return model_; }

 private:
  void add(const Tree& tree, bool sampled) {
    grower_.add_to_scores(tree, scores_.data());
    if (sampled) BinTree(tree, bins_).add(tree, bins_, in_bag_.data(), 1.0, scores_.data());
  }

  void renew_leaves(Tree& tree) {
    parallel_tasks(tree.leaves(), [&](int64_t leaf, int) {
      const RowSet rows = grower_.rows_of_leaf(static_cast<int>(leaf));
      double value = 0;
      if (loss_->leaf_value(scores_.data(), tree.output, rows.index, rows.count, &value))
        tree.leaf_values[leaf] = value * options_.learning_rate;
    });
  }

  void choose_rows(int number) {
    const uint64_t key = random_key(options_.seed, Draw::kRows, static_cast<uint64_t>(number));
    chosen_.clear();
    in_bag_.assign(static_cast<size_t>(x_.rows), 0);
    for (const int32_t row : counted_) {
      if (random_unit(key, static_cast<uint64_t>(row)) >= options_.subsample) continue;
      chosen_.push_back(row);
      in_bag_[row] = 1;
    }
    if (chosen_.empty()) {  // never a tree of nothing
      chosen_.push_back(counted_[number % counted_.size()]);
      in_bag_[chosen_[0]] = 1;
    }
  }

  const FeatureMatrix& x_;
  const Labels& labels_;
  const TrainOptions& options_;
  std::unique_ptr<Loss> loss_;
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

/// The evaluation sets as bins, with their scores.
class Evaluation {
 public:
  Evaluation(const std::vector<EvaluationSet>& sets, const BinMatrix& bins, const Model& model,
             const TrainOptions& options)
      : sets_(sets), options_(options) {
    for (const std::string& name : options.metrics) metrics_.push_back(find_metric(name, "train"));
    if (metrics_.empty()) metrics_.push_back(default_metric(options.objective));
    values_.resize(sets.size());
    for (size_t s = 0; s < sets.size(); ++s) {
      values_[s].resize(metrics_.size());
      bins_.emplace_back(sets[s].x, bins);
      scores_.push_back(first_scores(model, sets[s].labels));
    }
  }

  void add(const Model& model, size_t first_tree) {
    for (size_t s = 0; s < sets_.size(); ++s) {
      for (size_t t = first_tree; t < model.trees.size(); ++t)
        BinTree(model.trees[t], bins_[s])
            .add(model.trees[t], bins_[s], nullptr, 1.0, scores_[s].data());
      for (size_t m = 0; m < metrics_.size(); ++m)
        values_[s][m].push_back(
            evaluate(metrics_[m], options_.objective, sets_[s].labels, scores_[s].data(), "train"));
    }
  }

  /// Whether round `a` is better than round `b` by the metric that stops.
  bool better(int a, int b) const {
    const std::vector<double>& values = values_[0][0];
    return metrics_[0].larger_is_better ? values[a] > values[b] : values[a] < values[b];
  }
  const Evaluations& values() const { return values_; }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const Metric& metric : metrics_) out.push_back(metric.name);
    return out;
  }

 private:
  const std::vector<EvaluationSet>& sets_;
  const TrainOptions& options_;
  std::vector<Metric> metrics_;
  std::vector<BinMatrix> bins_;
  std::vector<std::vector<double>> scores_;
  Evaluations values_;
};

void check_sets(const FeatureMatrix& x, const std::vector<EvaluationSet>& sets,
                const TrainOptions& options) {
  for (const EvaluationSet& set : sets) {
    check_shapes(set.x, set.labels, "the validation set");
    check_labels(options.objective, set.labels, "train: validation set");
    if (set.x.width() != x.width())
      throw ShapeError(message("train: expected ", x.width(),
                               " features in the validation set, got ", set.x.width()));
  }
  if (sets.empty() && options.early_stopping_rounds > 0)
    throw ArgumentError("train: early_stopping_rounds needs a validation set (eval_set)");
}

}  // namespace

TrainResult train(const FeatureMatrix& x, const Labels& labels,
                  const std::vector<uint8_t>& categorical, const std::vector<EvaluationSet>& sets,
                  const TrainOptions& options, const RoundCallback& callback) {
  check_options(options, "train");
  check_shapes(x, labels, "X");
  if (x.width() == 0)
    throw ShapeError("train: expected at least one feature in X, got 0 feature(s)");
  check_labels(options.objective, labels, "train");
  check_constraints(options.grow, categorical, "train");
  check_sets(x, sets, options);
  Training training(x, labels, categorical, options);
  Evaluation evaluation(sets, training.bins(), training.model(), options);
  TrainResult result;
  int best = 0;
  for (int number = 0; number < options.n_estimators; ++number) {
    if (options.poll) options.poll();
    const size_t first_tree = training.model().trees.size();
    training.round(number);
    evaluation.add(training.model(), first_tree);
    if (!sets.empty() && number > 0 && evaluation.better(number, best)) best = number;
    if (callback && !callback({number, training.model(), evaluation.values()})) break;
    if (options.early_stopping_rounds > 0 && number - best >= options.early_stopping_rounds) break;
  }
  result.model = std::move(training.model());
  const auto outputs = static_cast<size_t>(result.model.outputs());
  if (options.early_stopping_rounds > 0)
    result.model.trees.resize((static_cast<size_t>(best) + 1) * outputs);
  result.best_iteration = static_cast<int>(result.model.trees.size() / outputs);
  result.metrics = evaluation.names();
  result.values = evaluation.values();
  return result;
}

}  // namespace cne::gbdt
