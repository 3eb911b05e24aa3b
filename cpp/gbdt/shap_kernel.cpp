#include "gbdt/shap_kernel.h"

#include <algorithm>

#include "core/simd.h"

namespace cne::gbdt::kernels {

namespace {

using Numbers = ShapLanes::Numbers;
using Flags = ShapMask::Flags;
using Step = ShapTree::Step;

/// The product at the end of an edge, of one point.
[[gnu::always_inline]] inline void multiply(const Step& step, const ShapTree::Factors& factors,
                                            const ShapMask* hot, const Numbers& from, Numbers& to) {
  const Flags taken = hot[step.edge].at;
  if (step.above < 0) {
    to = from * (taken ? Numbers{} + factors.hot : Numbers{} + factors.cold);
    return;
  }
  const Flags alive = hot[step.above].at;
  const Numbers other = alive ? Numbers{} + factors.cold : Numbers{} + step.dead;
  to = from * (taken ? Numbers{} + factors.hot : other);
}

/// kPoints of the part, or 0 for any number.
template <int kPoints>
[[gnu::always_inline]] inline void contributions(const ShapTree::Part& part, const Tree& tree,
                                                 int k, const ShapMask* hot, ShapLanes* products,
                                                 ShapLanes* node_sums, ShapLanes* sums) {
  const int points = kPoints > 0 ? kPoints : part.points;
  for (int q = 0; q < points; ++q) products[q].at = Numbers{} + 1.0;
  for (const Step& step : part.steps) {
    const ShapTree::Factors* factors = &part.factors[static_cast<size_t>(step.edge) * points];
    const ShapLanes* product = products + static_cast<int64_t>(step.depth) * points;
    ShapLanes* below = products + static_cast<int64_t>(step.depth + 1) * points;
    if (step.kind == Step::kDown) {
      for (int q = 0; q < points; ++q) multiply(step, factors[q], hot, product[q].at, below[q].at);
      continue;
    }
    const Flags taken = hot[step.edge].at;
    ShapLanes* node_sum = node_sums + static_cast<int64_t>(step.depth) * points;
    const ShapLanes* child_sum = node_sum + points;
    const double leaf =
        step.kind == Step::kLeaf
            ? tree.leaf_values[static_cast<size_t>(step.leaf) * static_cast<size_t>(tree.width) + k]
            : 0;
    Numbers total{};
    for (int q = 0; q < points; ++q) {
      Numbers sum;
      if (step.kind == Step::kLeaf) {
        multiply(step, factors[q], hot, product[q].at, sum);
        sum *= leaf;
      } else {
        sum = child_sum[q].at;
      }
      total +=
          sum * (taken ? Numbers{} + factors[q].hot_weight : Numbers{} + factors[q].cold_weight);
      node_sum[q].at = step.first ? sum : node_sum[q].at + sum;
    }
    if (step.above >= 0) total = hot[step.above].at ? total : Numbers{};
    sums[step.feature].at += total;
  }
}

}  // namespace

CNE_MULTIVERSION void shap_start(const Tree& tree, const int32_t* above, const ShapLanes* rows,
                                 ShapMask* hot) {
  for (size_t n = 0; n < tree.nodes.size(); ++n) {
    const TreeNode& node = tree.nodes[n];
    const Numbers x = rows[node.feature].at;
    Flags left;
    if (node.category_set < 0) {
      left = x <= Numbers{} + node.threshold;
      if (node.missing_left) left |= x != x;
    } else {
      for (int i = 0; i < kShapRows; ++i) left[i] = tree.goes_left(node, x[i]) ? -1 : 0;
    }
    const int32_t up[2] = {above[2 * n], above[2 * n + 1]};
    hot[2 * n].at = up[0] < 0 ? left : left & hot[up[0]].at;
    hot[2 * n + 1].at = up[1] < 0 ? ~left : ~left & hot[up[1]].at;
  }
}

CNE_MULTIVERSION void shap_contributions(const ShapTree::Part& part, const Tree& tree, int k,
                                         const ShapMask* hot, ShapLanes* products,
                                         ShapLanes* node_sums, ShapLanes* sums) {
  if (part.points == 4)
    contributions<4>(part, tree, k, hot, products, node_sums, sums);
  else if (part.points == 8)
    contributions<8>(part, tree, k, hot, products, node_sums, sums);
  else
    contributions<0>(part, tree, k, hot, products, node_sums, sums);
}

CNE_MULTIVERSION void shap_interactions(const ShapTree::Part& part, const Tree& tree, int k,
                                        const std::vector<int32_t>* paths, const ShapMask* hot,
                                        ShapLanes* products, ShapLanes* ratios, ShapLanes* pairs,
                                        int64_t stride) {
  const int points = part.points;
  for (int q = 0; q < points; ++q) products[q].at = Numbers{} + part.weights[q];
  for (const Step& step : part.steps) {
    if (step.kind == Step::kUp) continue;
    const ShapTree::Factors* factors = &part.factors[static_cast<size_t>(step.edge) * points];
    const ShapLanes* product = products + static_cast<int64_t>(step.depth) * points;
    ShapLanes* below = products + static_cast<int64_t>(step.depth + 1) * points;
    for (int q = 0; q < points; ++q) multiply(step, factors[q], hot, product[q].at, below[q].at);
    if (step.kind == Step::kDown) continue;
    const double half =
        0.5 *
        tree.leaf_values[static_cast<size_t>(step.leaf) * static_cast<size_t>(tree.width) + k];
    const std::vector<int32_t>& path = paths[step.leaf];
    for (size_t i = 0; i < path.size(); ++i) {
      const ShapTree::Factors* last = &part.factors[static_cast<size_t>(path[i]) * points];
      for (int q = 0; q < points; ++q)
        ratios[i * points + q].at =
            hot[path[i]].at ? Numbers{} + last[q].hot_ratio : Numbers{} + part.cold[q];
    }
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      const int32_t a = tree.nodes[path[i] / 2].feature;
      for (size_t j = i + 1; j < path.size(); ++j) {
        const int32_t b = tree.nodes[path[j] / 2].feature;
        Numbers sum{};
        for (int q = 0; q < points; ++q)
          sum += below[q].at * ratios[i * points + q].at * ratios[j * points + q].at;
        pairs[std::min(a, b) * stride + std::max(a, b)].at += half * sum;
      }
    }
  }
}

}  // namespace cne::gbdt::kernels
