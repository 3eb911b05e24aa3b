#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace cne::gbdt {

/// Which bins or categories go left: bit b of word b / 64.
using BinSet = std::array<uint64_t, 4>;
inline bool contains(const BinSet& set, int bin) { return (set[bin >> 6] >> (bin & 63)) & 1; }
inline void insert(BinSet& set, int bin) { set[bin >> 6] |= uint64_t{1} << (bin & 63); }

/// An inner node. Children: a node number, or ~leaf for a leaf.
struct TreeNode {
  double threshold = 0;  // numeric: values <= threshold go left
  int32_t feature = 0;
  int32_t left = 0;
  int32_t right = 0;
  int32_t category_set = -1;  // categorical: which of Tree::category_sets goes left
  bool missing_left = false;
  double gain = 0;
  int64_t rows = 0;  // training rows that came here
};

/// A tree of a model. A value. Node 0 is the root; with no nodes, leaf 0 is the whole tree.
/// Category sets hold the numbers of a feature's categories (in ascending order of their values).
struct Tree {
  std::vector<TreeNode> nodes;
  std::vector<double> leaf_values;
  std::vector<BinSet> category_sets;

  /// The leaf of a row whose categorical values are category numbers, NaN where missing or unknown.
  /// `value(feature)` gives the number.
  template <typename Value>
  int find_leaf(const Value& value) const {
    if (nodes.empty()) return 0;
    int at = 0;
    while (at >= 0) {
      const TreeNode& node = nodes[at];
      at = goes_left(node, value(node.feature)) ? node.left : node.right;
    }
    return ~at;
  }

  bool goes_left(const TreeNode& node, double value) const {
    if (value != value) return node.missing_left;
    if (node.category_set < 0) return value <= node.threshold;
    return contains(category_sets[node.category_set], static_cast<int>(value));
  }

  /// Throws CorruptionError naming `function` unless every child number is in range and the nodes
  /// form one tree, features are below `features`, category sets exist and numbers are finite.
  void check(int features, const char* function) const;
};

}  // namespace cne::gbdt
