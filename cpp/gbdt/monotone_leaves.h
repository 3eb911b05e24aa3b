#pragma once

#include <utility>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/partition.h"

namespace cne::gbdt {

/// Which leaves of a growing tree bound each other's values (Auguste, Malory, Smirnov 2020,
/// arXiv:2011.00986; LightGBM's method "intermediate").
///
/// A leaf is a box: of each feature some of its bins. Two leaves bound each other when rows of
/// theirs may differ in one monotone feature only: their boxes overlap in all other features, and
/// in that one the numbers of one lie below those of the other. Missing values have no order.
/// `bins` must outlive it; leaves are numbered as the grower does.
class MonotoneLeaves {
 public:
  explicit MonotoneLeaves(const BinMatrix& bins) : bins_(bins) {}

  /// A new tree of one leaf, which has number 0.
  void begin();

  /// Leaf `number` is cut on `feature` of the matrix: the left child takes its number, the right
  /// one the next. `direction` is 1 or -1 where the feature is monotone, else 0.
  void cut(int number, int feature, int direction, const SideOfBin& sides);

  struct Neighbour {
    int leaf;
    int feature;  // that they differ in
  };
  /// The leaves whose values are not to be above that of leaf `number`, and not below it.
  const std::vector<Neighbour>& below(int number) const { return below_[number]; }
  const std::vector<Neighbour>& above(int number) const { return above_[number]; }

 private:
  /// Bins of the features that the leaf was cut on; all bins of the others.
  using Box = std::vector<std::pair<int, BinSet>>;

  BinSet part_of(int number, int feature) const;
  bool has_numbers(int number, int feature) const;
  void restrict(int number, int feature, const BinSet& part);
  void inherit(int number, int right, int feature, const std::vector<Neighbour>& known,
               std::vector<std::vector<Neighbour>>& mine,
               std::vector<std::vector<Neighbour>>& theirs);

  const BinMatrix& bins_;
  std::vector<Box> boxes_;
  std::vector<std::vector<Neighbour>> below_;
  std::vector<std::vector<Neighbour>> above_;
};

}  // namespace cne::gbdt
