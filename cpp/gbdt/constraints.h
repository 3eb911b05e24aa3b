#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "gbdt/leaf_math.h"

namespace cne::gbdt {

/// The bounds of both children after a split: on a monotone feature (direction 1 or -1) the middle
/// of their values parts them, on another one both keep their parent's (MonotoneMethod::kBasic, as
/// LightGBM's).
std::pair<ValueBounds, ValueBounds> child_bounds(const ValueBounds& parent, int direction,
                                                 double left, double right);

/// What gains of monotone features are multiplied by at a depth: `penalty` levels from the root
/// hold no such split, and further down the factor 1 - 2^(penalty - 1 - depth) grows to 1
/// (LightGBM's monotone_penalty).
double monotone_factor(double penalty, int depth);

/// Which features may follow each other on a path: all of them must lie in one of the sets. A
/// feature that no set holds is not used. A value.
class InteractionSets {
 public:
  /// Sets of numbers below `features`; no sets at all allow everything.
  InteractionSets(const std::vector<std::vector<int32_t>>& sets, int features);

  bool empty() const { return sets_.empty(); }
  /// 1 for each feature that may be split on below the features of `path`.
  std::vector<uint8_t> allowed(const std::vector<int>& path) const;

 private:
  int features_;
  std::vector<std::vector<uint8_t>> sets_;
};

}  // namespace cne::gbdt
