#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/device.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

/// How a tree grows: what a leaf and a split must satisfy.
struct GrowOptions {
  int num_leaves = 31;
  int max_depth = 0;               // 0: no limit
  int64_t min_child_samples = 20;  // rows in each child
  double min_sum_hessian = 1e-3;   // sum of hessians in each child
  double lambda_l1 = 0.0;
  double lambda_l2 = 0.0;
  double min_gain = 0.0;  // a split must gain more
  // Categorical features, named and set as in LightGBM.
  int max_cat_to_onehot = 4;         // up to so many categories, one against the rest
  int max_cat_threshold = 32;        // categories on the smaller side of a subset split, at most
  double cat_smooth = 10.0;          // added to the hessian when categories are sorted
  double cat_l2 = 10.0;              // added to lambda_l2 in subset splits
  int64_t min_data_per_group = 100;  // rows that each step along the sorted categories adds
};

struct TrainOptions {
  ObjectiveOptions objective;
  int n_estimators = 100;
  double learning_rate = 0.1;
  GrowOptions grow;
  int max_bins = 255;                  // bins of a numeric feature, besides the one for missing
  int64_t subsample_for_bin = 200000;  // rows that the quantiles are taken from
  double subsample = 1.0;              // share of rows that each tree sees
  double colsample = 1.0;              // share of features that each tree sees
  std::vector<std::string> metrics;    // of the evaluation sets; empty: the objective's own
  int early_stopping_rounds = 0;       // 0: never; by the first metric of the first set
  uint64_t seed = 0;
  Device device;               // where histograms are built
  std::function<void()> poll;  // called once a round; may throw to stop the training
};

/// Throws ArgumentError that names the option, what it may be and what it is.
void check_options(const TrainOptions& options, const char* function);

}  // namespace cne::gbdt
