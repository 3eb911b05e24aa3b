#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "gbdt/bin_matrix.h"
#include "gbdt/partition.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// A tree that is walked by bin numbers: rows of a BinMatrix need not be read as numbers again.
/// A value; the matrix may be another one with the same bins (a validation set).
class BinTree {
 public:
  struct Node {
    int column;  // of the matrix
    int left;
    int right;
    SideOfBin sides;
  };

  /// The tree must have been grown on the bins of `bins`.
  BinTree(const Tree& tree, const BinMatrix& bins);

  const std::vector<Node>& nodes() const { return nodes_; }

  /// Gives each row of `bins` for which `skip` (null: none) is 0 to `visit(leaf, rows, count)`
  /// once, on the pool: rows of one leaf together, ascending.
  using Visit = std::function<void(int leaf, const int32_t* rows, int64_t count)>;
  void visit_leaves(const BinMatrix& bins, const uint8_t* skip, const Visit& visit) const;

  /// Adds `factor` times the value of each row's leaf to its scores, output-major.
  void add(const Tree& tree, const BinMatrix& bins, const uint8_t* skip, double factor,
           double* scores) const;

 private:
  struct Scratch;
  void visit_block(const BinMatrix& bins, int64_t count, const Visit& visit,
                   Scratch& scratch) const;

  std::vector<Node> nodes_;
};

}  // namespace cne::gbdt
