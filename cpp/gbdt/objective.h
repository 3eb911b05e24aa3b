#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/train_options.h"

namespace cne::gbdt {

/// First and second derivative of one row's loss as fixed-point numbers, at most 2^30 in size:
/// integer sums do not depend on the order of rows, threads or devices.
struct Gradient {
  int32_t gradient;
  int32_t hessian;
};

/// value = fixed * unit, a power of two.
struct GradientUnits {
  double gradient = 1.0;
  double hessian = 1.0;
};

/// The labels and weights of a training or validation set.
struct Labels {
  const double* label = nullptr;
  const double* weight = nullptr;  // null: 1 each
  int64_t rows = 0;

  double weight_of(int64_t row) const { return weight != nullptr ? weight[row] : 1.0; }
};

/// Throws ArgumentError naming `function`, the argument and the row: a label that is not finite or
/// does not fit the objective, a weight that is negative or not finite, weights that are all 0.
void check_labels(Objective objective, const Labels& labels, const char* function);

/// The constant score with the least loss: the weighted mean, or its log odds (clamped to what
/// 1e-12 and 1 - 1e-12 give).
double base_score(Objective objective, const Labels& labels);

/// Fills `out` with the derivatives at `scores`. Squared error: w (s - y), w. Log loss, p =
/// sigmoid(s): w (p - y), w p (1 - p).
GradientUnits compute_gradients(Objective objective, const Labels& labels, const double* scores,
                                std::vector<Gradient>& out);

/// The weighted mean loss: mean squared error, or log loss.
double mean_loss(Objective objective, const Labels& labels, const double* scores);

/// Scores to predictions in place: nothing for squared error, sigmoid for log loss.
void transform_scores(Objective objective, double* scores, int64_t rows);

/// "l2" or "binary_logloss".
const char* metric_name(Objective objective);

}  // namespace cne::gbdt
