#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/device.h"
#include "gbdt/objective.h"

namespace cne::gbdt {

/// Which leaf of a tree is cut next.
enum class GrowPolicy : uint8_t {
  kLeafwise,   // the one whose split gains most
  kDepthwise,  // level by level, in a level the one whose split gains most
  kSymmetric,  // all leaves of a level by one split, the one with the largest sum of gains
};

/// How a tree grows: what a leaf and a split must satisfy.
struct GrowOptions {
  GrowPolicy policy = GrowPolicy::kLeafwise;
  int num_leaves = 31;             // 0: only max_depth limits; symmetric trees ignore it
  int max_depth = 0;               // 0: no limit; symmetric: 6
  int64_t min_child_samples = 20;  // rows in each child
  double min_sum_hessian = 1e-3;   // sum of hessians in each child
  double lambda_l1 = 0.0;
  double lambda_l2 = 0.0;
  double min_gain = 0.0;           // a split must gain more
  double max_delta_step = 0.0;     // largest size of a leaf's value before shrinkage; 0: no limit
  double path_smooth = 0.0;        // rows for which a leaf's value is its parent's by half
  bool extra_trees = false;        // one random threshold for each feature and leaf
  double colsample_bylevel = 1.0;  // share of a tree's features that each level sees
  double colsample_bynode = 1.0;   // share of a level's features that each leaf sees
  std::vector<int> monotone_constraints;  // by feature: 1 rising, -1 falling, 0; empty: none
  double monotone_penalty = 0.0;          // so many levels from the root hold no monotone split
  std::vector<std::vector<int32_t>> interaction_constraints;  // features of a path: all in one set
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

/// Throws ArgumentError for constraints that do not fit the features; `categorical` is 1 for each
/// that holds categories.
void check_constraints(const GrowOptions& options, const std::vector<uint8_t>& categorical,
                       const char* function);

}  // namespace cne::gbdt
