#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/tree.h"

namespace cne::gbdt {

/// Trees laid out to walk from node to node: 16 bytes a node, the two children of a node next to
/// each other, a leaf as a node that leads to itself, so that rows can walk in step. For trees too
/// large to cut all rows, and single rows where there are no lanes.
///
/// Immutable once the trees are added; safe to share between threads.
class WalkTrees {
 public:
  /// Adds a tree; its number is how many were added before.
  void add(const Tree& tree);
  int count() const { return static_cast<int>(roots_.size()); }

  /// The leaf of one row in tree number `tree`; `value(feature)` gives its numbers, categories as
  /// numbers, NaN where missing.
  template <typename Value>
  uint32_t find_leaf(int tree, const Value& value) const {
    uint32_t at = roots_[tree].node;
    while (!(nodes_[at].bits & kLeaf))
      at = nodes_[at].child + (goes_right(nodes_[at], value(nodes_[at].bits & kFeature)) ? 1 : 0);
    return leaves_[at];
  }

  /// The leaves of `rows` rows, row-major with `width` numbers each.
  void find_leaves(int tree, const double* x, int rows, int width, uint32_t* out) const;

 private:
  static constexpr uint32_t kLeaf = 1u << 31;
  static constexpr uint32_t kMissingRight = 1u << 30;
  static constexpr uint32_t kCategorical = 1u << 29;
  static constexpr uint32_t kUnknownRight = 1u << 28;
  static constexpr uint32_t kFeature = kUnknownRight - 1;

  struct Node {
    union {
      double threshold;  // numbers above it go right
      uint64_t set;      // categorical: which of sets_ goes left
    };
    uint32_t bits;   // feature number and the flags above
    uint32_t child;  // left child; the right one follows; a leaf leads to itself
  };
  struct Root {
    uint32_t node;
    int depth;
    bool categorical;  // some split is
  };

  bool goes_right(const Node& node, double value) const {
    if (value != value) return (node.bits & kMissingRight) != 0;
    if (node.bits & kCategorical)
      return value < 0 ? (node.bits & kUnknownRight) != 0
                       : !contains(sets_[node.set], static_cast<int64_t>(value));
    return value > node.threshold;
  }

  std::vector<Node> nodes_;
  std::vector<uint32_t> leaves_;  // by node: the number of the leaf
  std::vector<CategorySet> sets_;
  std::vector<Root> roots_;
};

}  // namespace cne::gbdt
