#pragma once

#include <vector>

#include "gbdt/split.h"
#include "gbdt/split_noise.h"

namespace cne::gbdt {

/// A leaf of a level: what a search knows of it, and its histograms. Views.
struct LevelLeaf {
  SplitContext context;
  const GradientSums* histogram;
};

/// The split on feature `feature` of the matrix with the largest sum of gains over all leaves of a
/// level (oblivious trees: Kohavi 1994; CatBoost, arXiv:1810.11363), or none that gains. A leaf
/// that it may not cut adds nothing; one whose values would go against a monotone constraint
/// forbids it. `left` of the result is empty. Ties and missing values as in best_split. With noise
/// each cut that gains more than min_gain is compared by its own draw of `noise_key`, and the one
/// that is taken with those of other features by another draw.
RankedSplit best_level_split(const std::vector<LevelLeaf>& leaves, int feature,
                             const SplitNoise& noise, uint64_t noise_key);

}  // namespace cne::gbdt
