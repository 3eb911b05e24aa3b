#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/partition.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// A tree that is walked by bin numbers: rows of a BinMatrix need not be read as numbers again.
/// A value; the matrix may be another one with the same bins (a validation set).
class BinTree {
 public:
  /// The tree must have been grown on the bins of `bins`.
  BinTree(const Tree& tree, const BinMatrix& bins);

  /// The leaf of a row of `bins`.
  int find_leaf(const BinMatrix& bins, int64_t row) const {
    int at = nodes_.empty() ? ~0 : 0;
    while (at >= 0) {
      const Node& node = nodes_[at];
      at = node.sides[bins.column(node.column)[row]] ? node.left : node.right;
    }
    return ~at;
  }

  /// Adds `factor` times the value of each row's leaf to its scores, output-major, for the rows of
  /// `bins` for which `skip` (null: none) is 0.
  void add(const Tree& tree, const BinMatrix& bins, const uint8_t* skip, double factor,
           double* scores) const;

 private:
  struct Node {
    int column;  // of the matrix
    int left;
    int right;
    SideOfBin sides;
  };
  std::vector<Node> nodes_;
};

}  // namespace cne::gbdt
