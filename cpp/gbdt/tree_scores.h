#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/booster.h"

namespace cne::gbdt {

/// Whether each threshold of the tree lies on the edge of a bin.
bool fits_bins(const Tree& tree, const BinMatrix& bins);

/// What trees answer for the rows of a set. Trees that were grown on the bins of the set are walked
/// by bins, others by the numbers of the rows. Views, which must outlive it.
class TreeScores {
 public:
  /// `x` may be null where all trees fit the bins and none is linear.
  TreeScores(const FeatureMatrix* x, const BinMatrix& bins,
             const std::vector<FeatureInfo>& features)
      : x_(x), bins_(bins), features_(features) {}

  /// Adds `factor` times the value of each row's leaf to its scores (output-major, all outputs),
  /// for the rows for which `skip` (null: none) is 0.
  void add(const Tree& tree, const uint8_t* skip, double factor, double* scores) const;

  /// Adds trees [first, last) in their order.
  void add(const std::vector<Tree>& trees, size_t first, size_t last, double* scores) const;

 private:
  void add_linear(const Tree& tree, const uint8_t* skip, double factor, double* scores) const;
  void add_by_numbers(const Tree& tree, const uint8_t* skip, double factor, double* scores) const;

  const FeatureMatrix* x_;
  const BinMatrix& bins_;
  const std::vector<FeatureInfo>& features_;
};

/// Multiplies what a tree answers.
void scale_tree(Tree& tree, double factor);

}  // namespace cne::gbdt
