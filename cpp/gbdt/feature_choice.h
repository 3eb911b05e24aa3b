#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/constraints.h"
#include "gbdt/train_options.h"

namespace cne::gbdt {

/// Of the features with a 1 in `use`, the share (rounded up, at least one) whose draws by `key` are
/// the smallest.
std::vector<uint8_t> sample_features(const std::vector<uint8_t>& use, double share, uint64_t key);

/// Which features of a bin matrix a leaf may be split on: those of its tree, of its level, of the
/// interaction sets and of the leaf, each drawn from the ones before. `bins` must outlive it.
class FeatureChoice {
 public:
  FeatureChoice(const BinMatrix& bins, const GrowOptions& options, uint64_t seed);

  /// Begins tree number `tree`, which may use the features with a 1 in `use`.
  void begin(const std::vector<uint8_t>& use, uint64_t tree);

  /// For leaf number `leaf` of the tree at `depth`, below splits on the features of `path` (numbers
  /// in the caller's matrix).
  std::vector<uint8_t> of_leaf(int depth, uint64_t leaf, const std::vector<int>& path) const;

 private:
  const BinMatrix& bins_;
  double by_level_;
  double by_node_;
  uint64_t seed_;
  uint64_t tree_ = 0;
  InteractionSets sets_;
  std::vector<uint8_t> use_;
};

}  // namespace cne::gbdt
