#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "gbdt/split.h"

namespace cne::gbdt {

/// The histograms of one leaf, one for each output of the tree, one after the other.
using LeafHistogram = std::vector<GradientSums>;

/// A leaf of a tree that grows.
struct Leaf {
  int64_t begin = 0;               // its rows lie from here in the grower's list,
  int64_t count = 0;               // as many of them as this worker holds
  std::vector<GradientSums> sums;  // one for each output of the tree
  std::vector<double> values;      // before shrinkage
  ValueBounds bounds;
  int depth = 0;
  int parent = -1;  // node above, and which child of it this is
  bool is_left = false;
  Split split;
  std::unique_ptr<LeafHistogram> histogram;

  int64_t rows() const { return sums[0].rows; }
  /// A number that no other leaf of the tree has had, whatever the order of growth.
  uint64_t number() const {
    return parent < 0 ? 0 : 1 + 2 * static_cast<uint64_t>(parent) + is_left;
  }
};

/// The sums of the slots of feature `feature` that `split` sends left, one for each output.
std::vector<GradientSums> sums_left(const BinMatrix& bins, const LeafHistogram& histogram,
                                    const Split& split, int outputs);

}  // namespace cne::gbdt
