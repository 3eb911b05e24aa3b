#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/device.h"
#include "gbdt/loss.h"
#include "gbdt/quantized.h"

namespace cne::gbdt {

/// Which leaf of a tree is cut next.
enum class GrowPolicy : uint8_t {
  kLeafwise,   // the one whose split gains most
  kDepthwise,  // level by level, in a level the one whose split gains most
  kSymmetric,  // all leaves of a level by one split, the one with the largest sum of gains
};

/// How the values of leaves are kept in the order of monotone features.
enum class MonotoneMethod : uint8_t {
  kBasic,         // a split parts the values below it by the middle of its children's
  kIntermediate,  // leaves are bounded by the values of those that they are next to
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
  double random_strength = 0.0;    // noise of the comparison of cuts, by what chance would give
  double colsample_bylevel = 1.0;  // share of a tree's features that each level sees
  double colsample_bynode = 1.0;   // share of a level's features that each leaf sees
  std::vector<int> monotone_constraints;  // by feature: 1 rising, -1 falling, 0; empty: none
  MonotoneMethod monotone_method = MonotoneMethod::kBasic;
  double monotone_penalty = 0.0;  // so many levels from the root hold no monotone split
  std::vector<std::vector<int32_t>> interaction_constraints;  // features of a path: all in one set
  // Categorical features, named and set as in LightGBM.
  int max_cat_to_onehot = 4;         // up to so many categories, one against the rest
  int max_cat_threshold = 32;        // categories on the smaller side of a subset split, at most
  double cat_smooth = 10.0;          // added to the hessian when categories are sorted
  double cat_l2 = 10.0;              // added to lambda_l2 in subset splits
  int64_t min_data_per_group = 100;  // rows that each step along the sorted categories adds
};

/// Which rows a tree sees, and what their gradients are multiplied by.
enum class RowSampling : uint8_t {
  kBagging,   // each row with the chance `subsample`
  kGoss,      // the largest gradients, and some of the rest (Ke et al. 2017)
  kMvs,       // by the size of the gradient, variance minimal (Ibragimov, Gusev: arXiv:1910.13204)
  kBayesian,  // all rows, with weights (-log u)^bagging_temperature (Rubin 1981)
};

/// Named as in LightGBM, what only CatBoost has as there.
struct SampleOptions {
  RowSampling strategy = RowSampling::kBagging;
  double subsample = 1.0;             // bagging, MVS: share of the rows
  int bagging_freq = 1;               // bagging: a new draw every so many rounds; 0: no bagging
  double pos_bagging_fraction = 1.0;  // bagging: chance of rows with a label above 0, times
  double neg_bagging_fraction = 1.0;  // `subsample`; and of the others
  bool bagging_by_query = false;      // bagging and Bayesian: queries instead of rows
  double top_rate = 0.2;              // GOSS: share of the largest gradients
  double other_rate = 0.1;            // GOSS: share of all rows, drawn from the rest
  double mvs_reg = -1.0;              // MVS: weight of the hessian; below 0: chosen each round
  double bagging_temperature = 1.0;
};

enum class Boosting : uint8_t {
  kGbdt,
  kDart,    // some trees are left out while one grows (Rashmi, Gilad-Bachrach 2015)
  kForest,  // trees do not see each other; the scores are their mean
};

/// How the new tree and those that were left out share their weight. With k trees left out, rate r:
enum class DartNormalization : uint8_t {
  kLightgbm,  // new: r / (k + 1), the others times k / (k + 1)
  kTree,      // XGBoost's "tree": new r / (k + r), the others times k / (k + r)
  kForest,    // XGBoost's "forest": new r / (1 + r), the others times 1 / (1 + r)
};

struct DartOptions {
  double drop_rate = 0.1;     // share of the trees that are left out
  int max_drop = 50;          // at most; 0: no limit
  double skip_drop = 0.5;     // chance that none is
  bool uniform_drop = false;  // all trees alike, not by their weight
  DartNormalization normalization = DartNormalization::kLightgbm;
};

/// What a metric of the caller finds.
struct MetricValue {
  std::string name;
  double value = 0;
  bool larger_is_better = false;
};

/// A metric that the caller computes, from the scores (output-major) of an evaluation set.
using CustomMetric = std::function<MetricValue(size_t set, const double* scores)>;

/// Trees when there are several outputs.
enum class MultiStrategy : uint8_t {
  kOneOutputPerTree,
  kMultiOutputTree,  // one tree with a value for each output in its leaves
};

/// How splits on categories with more than max_cat_to_onehot levels are found.
enum class CategoryMethod : uint8_t {
  kSubsets,  // by the gradients of the leaf (Fisher 1958)
  kOrdered,  // by ordered target statistics
};

struct TrainOptions {
  ObjectiveOptions objective;
  CustomDerivatives custom;  // of Objective::kCustom
  int n_estimators = 100;    // rounds; those of a model to go on from come on top
  double learning_rate = 0.1;
  std::vector<double> learning_rates;  // by round, the last one for all later; empty: one rate
  Boosting boosting = Boosting::kGbdt;
  MultiStrategy multi_strategy = MultiStrategy::kOneOutputPerTree;
  DartOptions dart;
  GrowOptions grow;
  SampleOptions sample;
  CategoryMethod cat_method = CategoryMethod::kSubsets;
  double ordered_prior = 1.0;  // kOrdered: rows that the mean of all labels counts as
  GradientBits gradient_bits = GradientBits::k32;  // while splits are searched
  int leaf_iterations = 1;                         // Newton steps of leaf values
  bool linear_tree = false;            // leaves answer a linear function (arXiv:1802.05640)
  double linear_lambda = 0.0;          // ridge penalty of its coefficients
  int max_bins = 255;                  // bins of a numeric feature, besides the one for missing
  int64_t subsample_for_bin = 200000;  // rows that the quantiles are taken from
  double colsample = 1.0;              // share of features that each tree sees
  std::vector<std::string> metrics;    // of the evaluation sets; empty: the objective's own
  std::vector<CustomMetric> custom_metrics;  // after `metrics`, of which "none" is no metric
  int early_stopping_rounds = 0;             // 0: never
  double early_stopping_min_delta = 0.0;     // what a metric must improve by to count
  bool first_metric_only = true;             // of the first set; else any metric of any set stops
  int snapshot_every = 0;                    // rounds between snapshots; 0: none
  std::string text;           // all that the user asked for, which workers of one training compare
  std::string snapshot_path;  // "{round}" in it stands for the round
  std::string attributes;     // kept with the model
  uint64_t seed = 0;
  Device device;                // that trees are grown on
  bool emulate_device = false;  // on the CPU, but by the kernels of a GPU: slow, to test them
  std::function<bool()> poll;   // called before each round; false ends the training there
};

/// The learning rate of a round, from 0.
double learning_rate_of(const TrainOptions& options, int round);

/// Throws ArgumentError that names the option, what it may be and what it is.
void check_options(const TrainOptions& options, const char* function);

/// The same for those that bins are found by.
void check_bin_options(int max_bins, int64_t subsample_for_bin, const char* function);

/// Throws ArgumentError for constraints that do not fit the features; `categorical` is 1 for each
/// that holds categories.
void check_constraints(const GrowOptions& options, const std::vector<uint8_t>& categorical,
                       const char* function);

}  // namespace cne::gbdt
