#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "gbdt/tree.h"

namespace cne::gbdt {

/// Eight points of a sum side by side.
struct alignas(64) Lanes {
  std::array<double, 8> at{};

  double sum() const {
    return ((at[0] + at[1]) + (at[2] + at[3])) + ((at[4] + at[5]) + (at[6] + at[7]));
  }
};

/// A tree prepared for Shapley values.
///
/// A leaf of value v whose path splits on d features adds, for feature i of them,
///
///   v (o_i - z_i) integral over t in [0, 1] of product over j != i of (z_j (1 - t) + o_j t)
///
/// where o_j is 1 when the row goes to the leaf's side in all splits of feature j on the path, else
/// 0, and z_j is the share of training rows that do. The integral expands into Shapley's weights:
/// t^s (1 - t)^(d - 1 - s) integrates to s! (d - 1 - s)! / d!. It is a polynomial of degree d - 1,
/// so a Gauss-Legendre sum over d / 2 points, rounded up, is exact. At each point the product is
/// carried down the tree by one multiplication an edge, and sums of leaves are carried up: a row
/// costs a few vector operations for each edge, whatever the depth.
///
/// Edge 2n leads left from node n, edge 2n + 1 right. Parents come before their children.
class ShapTree {
 public:
  /// Memory for one tree and row; one for each thread.
  struct Scratch {
    std::vector<uint8_t> state;   // by edge
    std::vector<Lanes> products;  // by edge
    std::vector<Lanes> sums;      // by node
  };

  /// Throws UnsupportedError naming `function` for linear leaves and where the tree does not tell
  /// its cover. `tree` must outlive this.
  ShapTree(const Tree& tree, const char* function);

  int output() const { return tree_->output; }
  int width() const { return tree_->width; }
  int edges() const { return static_cast<int>(above_.size()); }
  /// The mean of the leaves by cover, in output output() + k.
  double expected(int k) const { return expected_[k]; }

  /// Carries a row down; `row[feature]` gives its numbers.
  void start(const double* row, Scratch& scratch) const;
  /// Adds the contributions of the row in output output() + k: those of feature f are the sum of
  /// sums[f].
  void add_contributions(int k, Scratch& scratch, Lanes* sums) const;
  /// Adds the interactions of features i < j on a path to out[i * stride + j].
  void add_interactions(int k, Scratch& scratch, double* out, int64_t stride) const;

 private:
  // The row takes the edge, and all edges above on the same feature; only those; not even those.
  enum State : uint8_t { kHot, kCold, kDead, kStates };

  void find_paths(const char* function);
  void fill_tables();
  const double* leaf_values(int32_t child) const {
    return &tree_->leaf_values[static_cast<size_t>(~child) * tree_->width];
  }

  const Tree* tree_;
  size_t blocks_ = 1;           // of eight points
  std::vector<int32_t> into_;   // by node: the edge that leads to it; -1 for the root
  std::vector<int32_t> above_;  // by edge: the nearest edge above on the same feature, or -1
  std::vector<double> shares_;  // by edge: z of its feature
  std::vector<std::vector<int32_t>> last_;  // by leaf: the last edge of each feature on its path
  std::vector<double> expected_;            // by k
  std::vector<Lanes> points_;               // weights of the sum
  std::vector<Lanes> factors_;              // (edges, states, blocks): of the products
  std::vector<Lanes> weights_;              // the same: of sums of leaves
  std::vector<Lanes> ratios_;               // the same: (o - z) / (z (1 - t) + o t)
};

}  // namespace cne::gbdt
