#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cne::gbdt {

/// Which category numbers go left: bit c % 64 of word c / 64; what lies beyond the end does not.
using CategorySet = std::vector<uint64_t>;
inline bool contains(const CategorySet& set, int64_t number) {
  const auto word = static_cast<uint64_t>(number) >> 6;
  return word < set.size() && ((set[word] >> (number & 63)) & 1);
}
inline void insert(CategorySet& set, int64_t number) {
  const auto word = static_cast<size_t>(number) >> 6;
  if (word >= set.size()) set.resize(word + 1);
  set[word] |= uint64_t{1} << (number & 63);
}

/// What stands for a category that the model does not know.
inline constexpr double kUnknownCategory = -1.0;

/// An inner node. Children: a node number, or ~leaf for a leaf.
struct TreeNode {
  double threshold = 0;  // numeric: values <= threshold go left
  int32_t feature = 0;
  int32_t left = 0;
  int32_t right = 0;
  int32_t category_set = -1;  // categorical: which of Tree::category_sets goes left
  bool missing_left = false;
  bool unknown_left = false;  // categorical: where a category goes that the model does not know
  double gain = 0;
  double value = 0;   // what the node would answer as a leaf, in the first output of the tree
  double weight = 0;  // sum of hessians of the training rows that came here
  int64_t rows = 0;   // how many they were; 0 where a foreign format does not tell
};

/// Linear leaves: leaf i answers constants[i] + sum of coefficients[j] * x[features[j]] over
/// j in [begin[i], begin[i + 1]); where one of those is missing, its leaf value.
struct LinearLeaves {
  std::vector<double> constants;
  std::vector<int32_t> begin;  // leaves + 1
  std::vector<int32_t> features;
  std::vector<double> coefficients;

  bool empty() const { return constants.empty(); }
};

/// A tree of a model. A value. Node 0 is the root; with no nodes, leaf 0 is the whole tree.
/// Category sets hold the numbers of a feature's categories (in ascending order of their values).
struct Tree {
  std::vector<TreeNode> nodes;
  std::vector<double> leaf_values;   // (leaves, width), row-major
  std::vector<double> leaf_weights;  // sums of hessians by leaf
  std::vector<int64_t> leaf_rows;    // training rows by leaf
  std::vector<CategorySet> category_sets;
  LinearLeaves linear;  // only with width 1
  int32_t output = 0;   // the output that the leaves add to, the first one of `width`
  int32_t width = 1;

  int leaves() const { return static_cast<int>(nodes.size()) + 1; }

  /// The leaf of a row whose categorical values are category numbers, NaN where missing,
  /// kUnknownCategory where unknown. `value(feature)` gives the number.
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
    if (value < 0) return node.unknown_left;
    return contains(category_sets[node.category_set], static_cast<int64_t>(value));
  }

  /// What leaf number `leaf` adds to output `output + k`.
  template <typename Value>
  double leaf_value(int leaf, int k, const Value& value) const {
    const double plain = leaf_values[static_cast<size_t>(leaf) * width + k];
    return linear.empty() ? plain : linear_value(leaf, plain, value);
  }

  /// Throws CorruptionError naming `function` unless every child number is in range and the nodes
  /// form one tree, features are below `features` and outputs below `outputs`, category sets exist,
  /// lists fit each other and numbers are finite.
  void check(int features, int outputs, const char* function) const;

 private:
  template <typename Value>
  double linear_value(int leaf, double plain, const Value& value) const {
    double sum = linear.constants[leaf];
    for (int32_t j = linear.begin[leaf]; j < linear.begin[leaf + 1]; ++j) {
      const double x = value(linear.features[j]);
      if (x != x) return plain;
      sum += linear.coefficients[j] * x;
    }
    return sum;
  }
};

}  // namespace cne::gbdt
