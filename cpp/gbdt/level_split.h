#pragma once

#include <vector>

#include "gbdt/split.h"

namespace cne::gbdt {

/// A leaf of a level: what a search knows of it, and its histograms. Views.
struct LevelLeaf {
  SplitContext context;
  const GradientSums* histogram;
};

/// The split on feature `feature` of the matrix with the largest sum of gains over all leaves of a
/// level (oblivious trees: Kohavi 1994; CatBoost, arXiv:1810.11363), or none that gains. A leaf
/// that it may not cut adds nothing; one whose values would go against a monotone constraint
/// forbids it. `left` of the result is empty. Ties and missing values as in best_split.
Split best_level_split(const std::vector<LevelLeaf>& leaves, int feature);

}  // namespace cne::gbdt
