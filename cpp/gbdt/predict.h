#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/tree.h"

namespace cne::gbdt {

/// All trees of a model laid out for prediction: 16 bytes a node, the two children of a node next
/// to each other, a leaf as a node that leads to itself, so that rows can walk in step.
///
/// Immutable after construction; safe to share between threads. The trees must outlive it.
class Forest {
 public:
  Forest() = default;
  /// With `float32_sums` scores are added up in float32.
  Forest(const std::vector<Tree>& trees, bool float32_sums);

  /// Adds the first `trees` trees to out[i * outputs] and what follows it, for `rows` rows,
  /// row-major with `width` numbers each, categories as numbers, NaN where missing.
  void add(const double* x, int64_t rows, int64_t width, int trees, int outputs, double* out) const;

  /// Adds all trees to the scores of one row; `value(feature)` gives its numbers. Adds in the same
  /// order as `add`, so the result has the same bits.
  template <typename Value>
  void score(const Value& value, double* out) const {
    for (const Root& root : roots_) {
      uint32_t at = root.node;
      while (!(nodes_[at].bits & kLeaf))
        at = nodes_[at].child + (goes_right(nodes_[at], value(nodes_[at].bits & kFeature)) ? 1 : 0);
      add_leaf(root, leaves_[at], value, out);
    }
  }

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
    const Tree* tree;
  };

  bool goes_right(const Node& node, double value) const {
    if (value != value) return (node.bits & kMissingRight) != 0;
    if (node.bits & kCategorical)
      return value < 0 ? (node.bits & kUnknownRight) != 0
                       : !contains(sets_[node.set], static_cast<int64_t>(value));
    return value > node.threshold;
  }
  template <typename Value>
  void add_leaf(const Root& root, uint32_t leaf, const Value& value, double* out) const {
    for (int k = 0; k < root.tree->width; ++k) {
      double& score = out[root.tree->output + k];
      const double term = root.tree->leaf_value(static_cast<int>(leaf), k, value);
      score = float32_sums_ ? add_float32(score, term) : score + term;
    }
  }
  /// Of two floats the sum in float32: float64 holds enough bits for rounding once more.
  static double add_float32(double score, double term) {
    return static_cast<double>(
        static_cast<float>(score + static_cast<double>(static_cast<float>(term))));
  }
  void add_tree(const Tree& tree);
  void walk_in_step(const Root& root, const double* x, int64_t width, int outputs,
                    double* out) const;

  std::vector<Node> nodes_;
  std::vector<uint32_t> leaves_;  // by node: the number of the leaf
  std::vector<CategorySet> sets_;
  std::vector<Root> roots_;
  bool float32_sums_ = false;
};

}  // namespace cne::gbdt
