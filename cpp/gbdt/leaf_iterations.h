#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/histogram.h"
#include "gbdt/loss.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Newton's method for the values of leaves: as many steps as are asked for, each with derivatives
/// at the scores that the steps before lead to (CatBoost's leaf_estimation_iterations). A step that
/// would leave the values between which the loss of the leaf falls and rises again follows the
/// secant instead. Grown trees have done one step. For objectives with one output whose loss is a
/// sum over rows.
///
/// `labels` and `options` must outlive it. For one thread at a time; works on the pool inside.
class LeafIterations {
 public:
  LeafIterations(const Labels& labels, const TrainOptions& options);

  /// The value of each leaf, before the learning rate. `leaves`: their rows, which ascend;
  /// `scores`: of all rows before the tree; `weights`: what the sampling multiplies gradients by,
  /// by row, or empty. The order of additions depends on the rows of a leaf alone.
  std::vector<double> values(const std::vector<RowSet>& leaves, const double* scores,
                             const std::vector<float>& weights);

 private:
  struct Piece;  // of the rows of a leaf
  void gather(const Piece& piece, const double* scores, const std::vector<float>& weights);
  void sum(Piece& piece, double value);

  const Labels& labels_;
  const TrainOptions& options_;
  // The rows of the leaves, one leaf behind the other.
  std::vector<double> label_;
  std::vector<double> weight_;
  std::vector<double> score_;
  std::vector<double> moved_;  // scores with the value so far
  Labels sorted_;
  std::unique_ptr<Loss> loss_;  // on sorted_
};

}  // namespace cne::gbdt
