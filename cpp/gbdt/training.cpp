#include "gbdt/training.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/continuation.h"
#include "gbdt/feature_choice.h"
#include "gbdt/linear_leaves.h"
#include "gbdt/random_unit.h"
#include "gbdt/tree_scores.h"

namespace cne::gbdt {

namespace {

/// Values that leave float64 would make every later sum meaningless.
void check_finite(const Tree& tree, int round) {
  bool good = true;
  for (const double value : tree.leaf_values) good &= std::isfinite(value);
  for (const TreeNode& node : tree.nodes) good &= std::isfinite(node.gain);
  if (!good)
    throw ArgumentError(message("train: numbers grew beyond float64 in tree ", round + 1,
                                "; scale y or sample_weight down, or lower learning_rate"));
}

void check_no_infinity(const FeatureMatrix& x, const InputFeatures& features) {
  for (int f = 0; f < x.width(); ++f) {
    const FeatureColumn& column = x.columns[f];
    for (int64_t k = 0; k < column.values(x.rows) && !features.infos[f].categorical; ++k)
      if (std::isinf(column.value(k)))
        throw ArgumentError(message(
            "train: expected finite or missing numbers with linear_tree, "
            "got ",
            column.value(k), " in feature ", f, " at row ", column.sparse ? column.rows[k] : k));
  }
}

/// A forest's leaves are floats, so that dividing by the number of trees can be undone exactly.
void round_to_float(Tree& tree) {
  const auto round = [](double& value) { value = static_cast<double>(static_cast<float>(value)); };
  std::for_each(tree.leaf_values.begin(), tree.leaf_values.end(), round);
  std::for_each(tree.linear.constants.begin(), tree.linear.constants.end(), round);
  std::for_each(tree.linear.coefficients.begin(), tree.linear.coefficients.end(), round);
  for (TreeNode& node : tree.nodes) round(node.value);
}

}  // namespace

Training::Training(const Binned& rows, const FeatureMatrix* x, const Labels& labels,
                   const TrainOptions& options, const Model* start, const Shard& shard)
    : rows_(rows),
      x_(x),
      labels_(labels),
      options_(options),
      shard_(shard),
      loss_(make_loss(options.objective, labels, options.custom, options.seed)),
      grower_(rows.matrix, options.grow, options.seed, shard),
      sampler_(labels, counted_rows(labels.weight, labels.rows), options.sample, options.seed),
      drops_(options.dart, options.seed) {
  if (options.linear_tree) check_no_infinity(*x, rows.features);
  if (options.leaf_iterations > 1) iterations_.emplace(labels, options);
  model_.objective = options.objective;
  model_.attributes = options.attributes;
  model_.base_scores = loss_->base_scores();
  if (labels.base_margin != nullptr)  // the caller knows where to begin, also in prediction
    std::fill(model_.base_scores.begin(), model_.base_scores.end(), 0.0);
  for (const double score : model_.base_scores)
    if (!std::isfinite(score))
      throw ArgumentError(
          "train: the sum of y times sample_weight is beyond float64; scale one of them down");
  model_.features = rows.features.infos;
  if (start != nullptr) go_on_from(*start);
  scores_ = first_scores(model_, labels);
  if (options.boosting != Boosting::kForest) recompute_scores();
  if (DeviceRounds::wanted(options))
    device_ = std::make_unique<DeviceRounds>(bins(), labels, options, *loss_, scores_);
}

void Training::go_on_from(const Model& start) {
  model_.base_scores = start.base_scores;
  model_.float32_inputs = start.float32_inputs;
  model_.float32_sums = start.float32_sums;
  model_.trees = renumber_categories(start, model_.features);
  if (x_ == nullptr && !tells_scores(bins(), start)) told_trees_ = model_.trees.size();
  const int before = rounds();
  if (options_.boosting == Boosting::kForest) {
    for (Tree& tree : model_.trees) {
      scale_tree(tree, before);
      round_to_float(tree);
    }
  }
  for (int round = 0; options_.boosting == Boosting::kDart && round < before; ++round)
    drops_.next(learning_rate_of(options_, round));
}

size_t Training::per_round() const {
  return options_.multi_strategy == MultiStrategy::kMultiOutputTree
             ? 1
             : static_cast<size_t>(model_.outputs());
}

void Training::recompute_scores() {
  scores_ = told_trees_ > 0 ? rows_.start.scores : first_scores(model_, labels_);
  update_scores(shard_, scores_, 0, model_.outputs(), [&](double* scores) {
    scores_of_rows().add(model_.trees, told_trees_, model_.trees.size(), scores);
  });
}

void Training::compute_all_gradients() {
  loss_->prepare(scores_.data(), rounds());
  gradients_.resize(static_cast<size_t>(model_.outputs()));
  units_.resize(gradients_.size());
  for (int k = 0; k < model_.outputs(); ++k)
    units_[k] = compute_gradients(*loss_, scores_.data(), k, labels_.rows, gradients_[k]);
}

/// Takes the dropped rounds out of the scores; their trees are scaled, to be added again later.
std::vector<ScaledTree> Training::drop(const DropSchedule::Round& plan) {
  std::vector<ScaledTree> out;
  update_scores(shard_, scores_, 0, model_.outputs(), [&](double* scores) {
    for (const int round : plan.dropped) {
      for (size_t k = 0; k < per_round(); ++k) {
        const size_t number = static_cast<size_t>(round) * per_round() + k;
        scores_of_rows().add(model_.trees[number], nullptr, -1.0, scores);
        scale_tree(model_.trees[number], plan.factor);
        out.push_back({number, plan.factor});
      }
    }
  });
  return out;
}

std::vector<ScaledTree> Training::next_round() {
  const int number = rounds();
  const double learning_rate = learning_rate_of(options_, number);
  double rate = options_.boosting == Boosting::kForest ? 1.0 : learning_rate;
  std::vector<ScaledTree> scaled;
  if (options_.boosting == Boosting::kDart) {
    const DropSchedule::Round plan = drops_.next(learning_rate);
    rate = plan.rate;
    scaled = drop(plan);
  }
  use_ = sample_features(
      std::vector<uint8_t>(static_cast<size_t>(bins().width()), 1), options_.colsample,
      random_key(options_.seed, Draw::kTreeFeatures, static_cast<uint64_t>(number)));
  if (device_) {
    next_round_on_device(number, learning_rate);
    return scaled;
  }
  // All outputs of a round see the same scores.
  compute_all_gradients();
  sampler_.choose(number, learning_rate, gradients_, units_);
  quantize_all(number);
  for (size_t k = 0; k < per_round(); ++k) {
    Tree tree = grow(static_cast<int>(k), number, rate);
    if (options_.boosting == Boosting::kForest)
      round_to_float(tree);
    else
      add(tree);
    model_.trees.push_back(std::move(tree));
  }
  if (scaled.empty()) return scaled;
  update_scores(shard_, scores_, 0, model_.outputs(), [&](double* scores) {
    for (const ScaledTree& tree : scaled)
      scores_of_rows().add(model_.trees[tree.tree], nullptr, 1.0, scores);
  });
  return scaled;
}

/// Gradients and scores are the device's; the sampler needs neither for the rows it may draw there.
void Training::next_round_on_device(int number, double learning_rate) {
  sampler_.choose(number, learning_rate, gradients_, units_);
  for (Tree& tree : device_->grow({sampler_, use_, learning_rate, model_.trees.size()})) {
    check_finite(tree, number);
    model_.trees.push_back(std::move(tree));
  }
}

void Training::quantize_all(int number) {
  if (options_.gradient_bits == GradientBits::k32) return;
  quantized_.resize(gradients_.size());
  quantized_units_.resize(gradients_.size());
  for (size_t k = 0; k < gradients_.size(); ++k)
    quantized_units_[k] =
        quantize(gradients_[k], units_[k], options_.gradient_bits,
                 random_key(options_.seed, Draw::kQuantize, static_cast<uint64_t>(number), k),
                 quantized_[k]);
}

Tree Training::grow(int output, int number, double rate) {
  const bool all = options_.multi_strategy == MultiStrategy::kMultiOutputTree;
  TreeInput input{
      &gradients_[output], &units_[output], all ? model_.outputs() : 1, sampler_.rows(), use_, rate,
      model_.trees.size(), number};
  if (options_.gradient_bits != GradientBits::k32) {
    input.bits = options_.gradient_bits;
    input.exact = input.gradients;
    input.exact_units = input.units;
    input.gradients = &quantized_[output];
    input.units = &quantized_units_[output];
  }
  Tree tree = grower_.grow(input);
  tree.output = output;
  renew_leaves(tree, rate);
  if (iterations_) iterate_leaves(tree, rate);
  if (options_.linear_tree) fit_linear(tree, rate);
  check_finite(tree, number);
  return tree;
}

std::vector<std::vector<int32_t>> Training::rows_of_leaves(int leaves) const {
  std::vector<int32_t> leaf_of(static_cast<size_t>(shard_.total), -1);
  for (int leaf = 0; leaf < leaves; ++leaf) {
    const RowSet rows = grower_.rows_of_leaf(leaf);
    for (int64_t i = 0; i < rows.count; ++i) leaf_of[shard_.begin + rows.index[i]] = leaf;
  }
  share_segments(shard_, leaf_of.data());
  std::vector<std::vector<int32_t>> out(static_cast<size_t>(leaves));
  for (int64_t row = 0; row < shard_.total; ++row)
    if (leaf_of[row] >= 0 && leaf_of[row] < leaves)
      out[leaf_of[row]].push_back(static_cast<int32_t>(row));
  return out;
}

void Training::renew_leaves(Tree& tree, double rate) {
  double none = 0;
  if (!loss_->leaf_value(scores_.data(), 0, nullptr, 0, &none)) return;
  std::vector<std::vector<int32_t>> shared;
  if (!shard_.alone()) shared = rows_of_leaves(tree.leaves());
  std::vector<uint8_t> renewed(static_cast<size_t>(tree.leaves()));
  parallel_tasks(tree.leaves(), [&](int64_t leaf, int) {
    const RowSet rows = shard_.alone() ? grower_.rows_of_leaf(static_cast<int>(leaf))
                                       : RowSet{shared[leaf].data(), std::ssize(shared[leaf])};
    for (int k = 0; k < tree.width && rows.count > 0; ++k) {
      double value = 0;
      if (!loss_->leaf_value(scores_.data(), tree.output + k, rows.index, rows.count, &value))
        continue;
      tree.leaf_values[leaf * tree.width + k] = value * rate;
      renewed[leaf] = 1;
    }
  });
  if (std::find(renewed.begin(), renewed.end(), 1) == renewed.end()) return;
  const char* name = objective_name(options_.objective.kind);
  if (!options_.grow.monotone_constraints.empty())
    throw ArgumentError(message("train: expected no monotone_constraints with objective \"", name,
                                "\", whose leaves are medians"));
  if (options_.linear_tree)
    throw ArgumentError(message("train: expected no linear_tree with objective \"", name,
                                "\", whose leaves are medians"));
}

void Training::iterate_leaves(Tree& tree, double rate) {
  std::vector<std::vector<int32_t>> shared;
  if (!shard_.alone()) shared = rows_of_leaves(tree.leaves());
  std::vector<RowSet> leaves;
  for (int leaf = 0; leaf < tree.leaves(); ++leaf)
    leaves.push_back(shard_.alone() ? grower_.rows_of_leaf(leaf)
                                    : RowSet{shared[leaf].data(), std::ssize(shared[leaf])});
  tree.leaf_values = iterations_->values(leaves, scores_.data(), sampler_.weights());
  for (double& value : tree.leaf_values) value *= rate;
}

void Training::fit_linear(Tree& tree, double rate) {
  fit_linear_leaves(
      {*x_, gradients_[tree.output], units_[tree.output],
       [this](int leaf) { return grower_.rows_of_leaf(leaf); }, options_.linear_lambda, rate},
      tree);
}

void Training::add(const Tree& tree) {
  const TreeScores trees = scores_of_rows();
  update_scores(shard_, scores_, tree.output, tree.width, [&](double* scores) {
    if (!tree.linear.empty()) {
      trees.add(tree, nullptr, 1.0, scores);
      return;
    }
    grower_.add_to_scores(tree, scores);
    if (sampler_.in_bag() != nullptr)
      trees.add(tree, sampler_.in_bag() + shard_.begin, 1.0, scores);
  });
}

Model Training::finished(int rounds) const {
  Model out = model_;
  out.trees.resize(std::min(out.trees.size(), static_cast<size_t>(rounds) * per_round()));
  if (options_.boosting == Boosting::kForest)
    for (Tree& tree : out.trees) scale_tree(tree, 1.0 / std::max(1, rounds));
  return out;
}

}  // namespace cne::gbdt
