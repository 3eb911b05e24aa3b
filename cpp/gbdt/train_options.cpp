#include "gbdt/train_options.h"

#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

namespace {

void require(bool good, const char* function, const char* name, const char* range, double value) {
  if (!good)
    throw ArgumentError(message(function, ": expected ", name, " ", range, ", got ", value));
}

}  // namespace

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
  check(o.max_bins >= 2 && o.max_bins <= 255, "max_bins", "from 2 to 255", o.max_bins);
  check(o.subsample_for_bin >= 1, "subsample_for_bin", ">= 1", o.subsample_for_bin);
  share("subsample", o.subsample);
  share("colsample", o.colsample);
  check(o.early_stopping_rounds >= 0, "early_stopping_rounds", ">= 1 (or None)",
        o.early_stopping_rounds);
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
