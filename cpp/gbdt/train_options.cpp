#include "gbdt/train_options.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

namespace {

void require(bool good, const char* function, const char* name, const char* range, double value) {
  if (!good)
    throw ArgumentError(message(function, ": expected ", name, " ", range, ", got ", value));
}

void check_sampling(const SampleOptions& s, const char* function) {
  const auto share = [&](const char* name, double value) {
    require(value > 0 && value <= 1, function, name, "in (0, 1]", value);
  };
  share("subsample", s.subsample);
  share("pos_bagging_fraction", s.pos_bagging_fraction);
  share("neg_bagging_fraction", s.neg_bagging_fraction);
  share("top_rate", s.top_rate);
  share("other_rate", s.other_rate);
  require(s.top_rate + s.other_rate <= 1, function, "top_rate + other_rate", "in (0, 1]",
          s.top_rate + s.other_rate);
  require(s.bagging_freq >= 0, function, "bagging_freq", ">= 0", s.bagging_freq);
  require(s.bagging_temperature >= 0 && s.bagging_temperature <= 10, function,
          "bagging_temperature", "in [0, 10]", s.bagging_temperature);
  require(std::isfinite(s.mvs_reg), function, "mvs_reg", "to be finite", s.mvs_reg);
}

/// Options that do not go with each other.
void check_together(const TrainOptions& o, const char* function) {
  const auto refuse = [&](bool bad, const char* what) {
    if (bad) throw ArgumentError(message(function, ": ", what));
  };
  const SampleOptions& s = o.sample;
  const bool bagging = s.bagging_freq > 0 && (s.subsample < 1 || s.pos_bagging_fraction < 1 ||
                                              s.neg_bagging_fraction < 1);
  refuse(o.boosting == Boosting::kForest && s.strategy == RowSampling::kBagging && !bagging &&
             o.colsample == 1 && o.grow.colsample_bylevel == 1 && o.grow.colsample_bynode == 1,
         "expected boosting \"rf\" with subsample or colsample below 1, or all trees are the same");
  refuse(o.linear_tree && !o.grow.monotone_constraints.empty(),
         "expected linear_tree without monotone_constraints, which linear leaves would break");
  refuse(o.linear_tree && o.multi_strategy == MultiStrategy::kMultiOutputTree,
         "expected linear_tree with multi_strategy \"one_output_per_tree\"");
  refuse(
      o.multi_strategy == MultiStrategy::kMultiOutputTree && !o.grow.monotone_constraints.empty(),
      "expected monotone_constraints with multi_strategy \"one_output_per_tree\"");
  refuse(o.grow.monotone_method == MonotoneMethod::kIntermediate &&
             o.grow.policy == GrowPolicy::kSymmetric,
         "expected monotone_method \"basic\" with grow_policy \"symmetric\"");
  refuse(o.leaf_iterations > 1 && (o.linear_tree || o.grow.path_smooth > 0 ||
                                   o.grow.lambda_l1 > 0 || !o.grow.monotone_constraints.empty()),
         "expected leaf_estimation_iterations 1 with linear_tree, path_smooth, lambda_l1 or "
         "monotone_constraints");
  refuse(o.linear_tree && o.cat_method == CategoryMethod::kOrdered,
         "expected linear_tree with cat_method \"subsets\"");
  refuse(o.snapshot_every > 0 && o.snapshot_path.empty(),
         "expected snapshot_path with snapshot_every");
}

}  // namespace

double learning_rate_of(const TrainOptions& options, int round) {
  const auto& rates = options.learning_rates;
  if (rates.empty()) return options.learning_rate;
  return rates[std::min(static_cast<size_t>(round), rates.size() - 1)];
}

void check_bin_options(int max_bins, int64_t subsample_for_bin, const char* function) {
  require(max_bins >= 2 && max_bins <= 255, function, "max_bins", "from 2 to 255", max_bins);
  require(subsample_for_bin >= 1, function, "subsample_for_bin", ">= 1",
          static_cast<double>(subsample_for_bin));
}

void check_options(const TrainOptions& o, const char* function) {
  const auto check = [&](bool good, const char* name, const char* range, auto value) {
    require(good, function, name, range, static_cast<double>(value));
  };
  const auto not_negative = [&](const char* name, double value) {
    check(value >= 0 && std::isfinite(value), name, ">= 0", value);
  };
  const GrowOptions& g = o.grow;
  check(o.n_estimators >= 1, "n_estimators", ">= 1", o.n_estimators);
  check(o.learning_rate > 0 && std::isfinite(o.learning_rate), "learning_rate", "> 0",
        o.learning_rate);
  check(g.num_leaves >= 2 ? g.num_leaves <= 131072 : g.num_leaves == 0 && g.max_depth > 0,
        "num_leaves", "from 2 to 131072 (or 0 with max_depth)", g.num_leaves);
  check(g.max_depth >= 0, "max_depth", ">= 1 (or None for no limit)", g.max_depth);
  check(g.policy != GrowPolicy::kSymmetric || g.max_depth <= 16, "max_depth",
        "up to 16 for symmetric trees", g.max_depth);
  check(g.min_child_samples >= 0, "min_child_samples", ">= 0", g.min_child_samples);
  not_negative("min_sum_hessian", g.min_sum_hessian);
  not_negative("lambda_l1", g.lambda_l1);
  not_negative("lambda_l2", g.lambda_l2);
  not_negative("min_gain", g.min_gain);
  not_negative("max_delta_step", g.max_delta_step);
  not_negative("path_smooth", g.path_smooth);
  not_negative("random_strength", g.random_strength);
  not_negative("monotone_penalty", g.monotone_penalty);
  const auto share = [&](const char* name, double value) {
    check(value > 0 && value <= 1, name, "in (0, 1]", value);
  };
  share("colsample_bylevel", g.colsample_bylevel);
  share("colsample_bynode", g.colsample_bynode);
  check(g.max_cat_to_onehot >= 1, "max_cat_to_onehot", ">= 1", g.max_cat_to_onehot);
  check(g.max_cat_threshold >= 1, "max_cat_threshold", ">= 1", g.max_cat_threshold);
  not_negative("cat_smooth", g.cat_smooth);
  not_negative("cat_l2", g.cat_l2);
  check(g.min_data_per_group >= 1, "min_data_per_group", ">= 1", g.min_data_per_group);
  check_bin_options(o.max_bins, o.subsample_for_bin, function);
  check_sampling(o.sample, function);
  share("colsample", o.colsample);
  check(o.leaf_iterations >= 1 && o.leaf_iterations <= 1000, "leaf_estimation_iterations",
        "from 1 to 1000", o.leaf_iterations);
  if (o.leaf_iterations > 1 && !is_smooth_sum(o.objective))
    throw UnsupportedError(
        message(function,
                ": leaf_estimation_iterations above 1 are for objectives with one "
                "output whose loss is a smooth sum over rows, got \"",
                objective_name(o.objective.kind), "\""));
  check(o.early_stopping_rounds >= 0, "early_stopping_rounds", ">= 1 (or None)",
        o.early_stopping_rounds);
  not_negative("early_stopping_min_delta", o.early_stopping_min_delta);
  not_negative("linear_lambda", o.linear_lambda);
  check(o.ordered_prior > 0 && std::isfinite(o.ordered_prior), "ordered_prior", "> 0",
        o.ordered_prior);
  check(o.snapshot_every >= 0, "snapshot_every", ">= 0", o.snapshot_every);
  for (const double rate : o.learning_rates)
    check(rate > 0 && std::isfinite(rate), "learning_rates", "> 0", rate);
  const auto chance = [&](const char* name, double value) {
    check(value >= 0 && value <= 1, name, "in [0, 1]", value);
  };
  chance("drop_rate", o.dart.drop_rate);
  chance("skip_drop", o.dart.skip_drop);
  check(o.dart.max_drop >= 0, "max_drop", ">= 0", o.dart.max_drop);
  check_together(o, function);
}

void check_constraints(const GrowOptions& options, const std::vector<uint8_t>& categorical,
                       const char* function) {
  const auto width = static_cast<int>(categorical.size());
  const std::vector<int>& directions = options.monotone_constraints;
  if (!directions.empty() && static_cast<int>(directions.size()) != width)
    throw ArgumentError(message(function, ": expected monotone_constraints for ", width,
                                " features, got ", directions.size()));
  for (size_t f = 0; f < directions.size(); ++f) {
    if (directions[f] < -1 || directions[f] > 1)
      throw ArgumentError(message(function, ": expected -1, 0 or 1 in monotone_constraints, got ",
                                  directions[f], " for feature ", f));
    if (directions[f] != 0 && categorical[f])
      throw ArgumentError(message(function, ": expected 0 in monotone_constraints for feature ", f,
                                  ", which holds categories, got ", directions[f]));
  }
  for (const std::vector<int32_t>& set : options.interaction_constraints)
    for (const int32_t feature : set)
      if (feature < 0 || feature >= width)
        throw ArgumentError(message(function, ": expected features from 0 to ", width - 1,
                                    " in interaction_constraints, got ", feature));
}

}  // namespace cne::gbdt
