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
  check(g.num_leaves >= 2 && g.num_leaves <= 131072, "num_leaves", "from 2 to 131072",
        g.num_leaves);
  check(g.max_depth >= 0, "max_depth", ">= 1 (or None for no limit)", g.max_depth);
  check(g.min_child_samples >= 0, "min_child_samples", ">= 0", g.min_child_samples);
  not_negative("min_sum_hessian", g.min_sum_hessian);
  not_negative("lambda_l1", g.lambda_l1);
  not_negative("lambda_l2", g.lambda_l2);
  not_negative("min_gain", g.min_gain);
  check(g.max_cat_to_onehot >= 1, "max_cat_to_onehot", ">= 1", g.max_cat_to_onehot);
  check(g.max_cat_threshold >= 1, "max_cat_threshold", ">= 1", g.max_cat_threshold);
  not_negative("cat_smooth", g.cat_smooth);
  not_negative("cat_l2", g.cat_l2);
  check(g.min_data_per_group >= 1, "min_data_per_group", ">= 1", g.min_data_per_group);
  check(o.max_bins >= 2 && o.max_bins <= 255, "max_bins", "from 2 to 255", o.max_bins);
  check(o.subsample_for_bin >= 1, "subsample_for_bin", ">= 1", o.subsample_for_bin);
  check(o.subsample > 0 && o.subsample <= 1, "subsample", "in (0, 1]", o.subsample);
  check(o.colsample > 0 && o.colsample <= 1, "colsample", "in (0, 1]", o.colsample);
  check(o.early_stopping_rounds >= 0, "early_stopping_rounds", ">= 1 (or None)",
        o.early_stopping_rounds);
}

}  // namespace cne::gbdt
