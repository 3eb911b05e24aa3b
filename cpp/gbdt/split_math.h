#pragma once

#include "gbdt/leaf_math.h"

namespace cne::gbdt {

/// What a search demands of a cut of a leaf with one output.
struct SplitRules {
  LeafMath math;
  int64_t min_child_samples;
  double min_sum_hessian;
  double min_gain;
  bool free_values;  // nothing but sums makes the values of the children, but for bounds
};

/// The leaf that is cut.
struct CutLeaf {
  GradientSums total;
  double value;  // before shrinkage
  ValueBounds bounds;
};

/// Whether a child may have the sums of `side`.
CNE_HD inline bool is_allowed(const SplitRules& rules, const GradientSums& side) {
  return side.rows >= rules.min_child_samples && side.rows > 0 &&
         rules.math.hessian(side) >= rules.min_sum_hessian;
}

/// Twice the loss reduction of a cut when the values of the children follow from their sums.
CNE_HD inline double free_gain(const LeafMath& math, const GradientSums& total,
                               const GradientSums& left, double extra_l2) {
  return math.score(left, extra_l2) + math.score(total - left, extra_l2) - math.score(total);
}

/// The same when bounds, smoothing or the largest step make them; minus infinity where they go
/// against `direction`.
CNE_HD inline double bound_gain(const LeafMath& math, const CutLeaf& leaf, const GradientSums& left,
                                double extra_l2, int direction) {
  const GradientSums right = leaf.total - left;
  const double below = math.child_value(left, leaf.value, leaf.bounds, extra_l2);
  const double above = math.child_value(right, leaf.value, leaf.bounds, extra_l2);
  if ((direction > 0 && below > above) || (direction < 0 && below < above)) return kNoGain;
  return math.score_at(left, below, extra_l2) + math.score_at(right, above, extra_l2) -
         math.score_at(leaf.total, leaf.value);
}

}  // namespace cne::gbdt
