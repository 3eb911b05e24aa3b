#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/feature_choice.h"
#include "gbdt/leaf.h"
#include "gbdt/split_noise.h"

namespace cne::gbdt {

/// Searches the histograms of leaves for splits, on the pool. `bins` and `options` must outlive it.
class SplitFinder {
 public:
  SplitFinder(const BinMatrix& bins, const GrowOptions& options, uint64_t seed);

  /// Begins tree number `tree`; `math` has one entry for each output.
  void begin(std::vector<LeafMath> math, const std::vector<uint8_t>& use, uint64_t tree,
             const SplitNoise& noise);

  const std::vector<LeafMath>& math() const { return math_; }
  int outputs() const { return static_cast<int>(math_.size()); }
  bool may_split(const Leaf& leaf) const;
  SplitContext context_of(const Leaf& leaf) const;

  /// Finds the best split of one or two leaves with the same path above; with noise, the best cut
  /// of each feature is compared with those of others by a draw. With `parent`, the second leaf's
  /// histogram is first made as the parent's less the first one's, in the same pass.
  void find(const std::vector<Leaf*>& leaves, const GradientSums* parent,
            const std::vector<int>& path) const;

  /// The split for all `leaves` of a level, put into each of them: the one with the largest sum of
  /// gains. A leaf that it may not cut adds nothing. False where there is none.
  bool find_for_level(std::vector<Leaf>& leaves, const std::vector<int>& path) const;

 private:
  double rank_of(const Split& split, const Leaf& leaf) const;

  const BinMatrix& bins_;
  const GrowOptions& options_;
  uint64_t seed_;
  uint64_t tree_ = 0;
  FeatureChoice choice_;
  std::vector<LeafMath> math_;
  SplitNoise noise_;
};

}  // namespace cne::gbdt
