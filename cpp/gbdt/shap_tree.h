#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/shap_steps.h"
#include "gbdt/tree.h"

namespace cne::gbdt {

/// Rows that go through a tree side by side.
inline constexpr int kShapRows = 8;

/// A number, and whether something holds, of each of them.
struct alignas(64) ShapLanes {
  using Numbers = double __attribute__((vector_size(kShapRows * sizeof(double))));
  Numbers at;
};
struct alignas(64) ShapMask {
  using Flags = int64_t __attribute__((vector_size(kShapRows * sizeof(int64_t))));
  Flags at;  // -1 or 0
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
/// carried down the tree by one multiplication an edge, and sums of leaves are carried up.
///
/// Edge 2n leads left from node n, edge 2n + 1 right. A row is hot on an edge when it takes it and
/// all edges above on the same feature, else cold; dead where it is cold above already.
class ShapTree {
 public:
  using Factors = ShapFactors;
  using Step = ShapStep;
  /// Leaves that need the same number of points.
  struct Part {
    int points;
    int depth = 0;
    std::vector<Step> steps;
    std::vector<Factors> factors;  // (edges, points)
    std::vector<double> weights;   // of the sum, by point
    std::vector<double> cold;      // -1 / (1 - t): the ratio of a cold edge
  };

  /// Memory for one tree; one for each thread.
  struct Scratch {
    std::vector<ShapMask> hot;        // by edge
    std::vector<ShapLanes> products;  // by depth and point
    std::vector<ShapLanes> sums;      // the same
    std::vector<ShapLanes> ratios;    // by feature of a path and point
  };

  /// Throws UnsupportedError naming `function` for linear leaves and where the tree does not tell
  /// its cover. `tree` must outlive this.
  ShapTree(const Tree& tree, const char* function);

  int output() const { return tree_->output; }
  int width() const { return tree_->width; }
  const std::vector<Part>& parts() const { return parts_; }
  int edges() const { return 2 * static_cast<int>(tree_->nodes.size()); }
  /// The mean of the leaves by cover, in output output() + k.
  double expected(int k) const { return expected_[k]; }

  /// Sends rows down: rows[feature] are their numbers.
  void start(const ShapLanes* rows, Scratch& scratch) const;
  /// Adds their contributions in output output() + k to sums[feature].
  void add_contributions(int k, Scratch& scratch, ShapLanes* sums) const;
  /// Adds the interactions of features i < j to pairs[i * stride + j].
  void add_interactions(int k, Scratch& scratch, ShapLanes* pairs, int64_t stride) const;

 private:
  struct Edges;
  void add_part(const Edges& edges, int points);
  void fill_factors(const Edges& edges, Part& part) const;

  const Tree* tree_;
  std::vector<double> expected_;            // by k
  std::vector<int32_t> above_;              // by edge
  std::vector<std::vector<int32_t>> path_;  // by leaf: the last edge of each feature
  std::vector<Part> parts_;
};

}  // namespace cne::gbdt
