#pragma once

#include <functional>
#include <vector>

#include "gbdt/feature_matrix.h"
#include "gbdt/histogram.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// What linear leaves are fitted to.
struct LinearInput {
  const FeatureMatrix& x;
  const std::vector<Gradient>& gradients;
  GradientUnits units;
  std::function<RowSet(int leaf)> rows;  // the training rows of a leaf
  double lambda;
  double learning_rate;
};

/// Gives each leaf of `tree` a linear function of the numeric features on its path: the minimum of
///
///   sum_i g_i f(x_i) + h_i f(x_i)^2 / 2 + lambda |coefficients|^2 / 2
///
/// over the leaf's rows without missing values there, times the learning rate; the constant is free
/// (Shi et al. 2019, arXiv:1802.05640). Solved by Cholesky in float64, sums in a fixed order;
/// features that add nothing to those before them get no coefficient. A leaf with too few such
/// rows keeps its value.
void fit_linear_leaves(const LinearInput& input, Tree& tree);

}  // namespace cne::gbdt
