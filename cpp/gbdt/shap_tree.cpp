#include "gbdt/shap_tree.h"

#include <algorithm>

#include "core/error.h"
#include "gbdt/gauss_legendre.h"
#include "gbdt/shap_kernel.h"

namespace cne::gbdt {

struct ShapTree::Edges {
  std::vector<int32_t> into;   // by node: the edge that leads to it; -1 for the root
  std::vector<double> shares;  // by edge: z of its feature
};

namespace {

int32_t child_of(const Tree& tree, int32_t edge) {
  const TreeNode& node = tree.nodes[edge / 2];
  return edge % 2 == 0 ? node.left : node.right;
}

/// The share of the training rows of its node that take an edge.
class Cover {
 public:
  Cover(const Tree& tree, const char* function) : tree_(tree) {
    if (tree.nodes.empty()) return;
    by_rows_ = tree.nodes[0].rows > 0;
    if (!by_rows_ && tree.nodes[0].weight <= 0)
      throw UnsupportedError(
          message(function, ": the model does not tell how many rows came to its leaves"));
  }
  double share(int32_t edge) const {
    const double both = of(child_of(tree_, edge)) + of(child_of(tree_, edge ^ 1));
    return both > 0 ? of(child_of(tree_, edge)) / both : 0.5;
  }

 private:
  double of(int32_t child) const {
    if (child < 0)
      return by_rows_ ? static_cast<double>(tree_.leaf_rows[~child]) : tree_.leaf_weights[~child];
    return by_rows_ ? static_cast<double>(tree_.nodes[child].rows) : tree_.nodes[child].weight;
  }
  const Tree& tree_;
  bool by_rows_ = true;
};

/// A power of two: few kinds of loops.
int points_for(size_t features) {
  int points = 4;
  while (2 * static_cast<size_t>(points) < features) points *= 2;
  return points;
}

}  // namespace

ShapTree::ShapTree(const Tree& tree, const char* function) : tree_(&tree) {
  if (!tree.linear.empty())
    throw UnsupportedError(message(function, ": linear leaves have no Shapley values"));
  const Cover cover(tree, function);
  const auto edge_count = static_cast<size_t>(edges());
  Edges found{std::vector<int32_t>(tree.nodes.size(), -1), std::vector<double>(edge_count, 1.0)};
  above_.assign(edge_count, -1);
  path_.resize(static_cast<size_t>(tree.leaves()));
  expected_.assign(static_cast<size_t>(tree.width), 0.0);
  if (tree.nodes.empty()) expected_ = tree.leaf_values;
  std::vector<double> reach(edge_count);  // the share of all rows
  std::vector<std::vector<int32_t>> path(edge_count);
  for (int32_t e = 0; e < edges(); ++e) {  // parents come before their children
    const int32_t from = found.into[e / 2];
    if (from >= 0) path[e] = path[from];
    const auto same = std::find_if(path[e].begin(), path[e].end(), [&](int32_t other) {
      return tree.nodes[other / 2].feature == tree.nodes[e / 2].feature;
    });
    if (same != path[e].end()) {
      above_[e] = *same;
      *same = e;
    } else {
      path[e].push_back(e);
    }
    const double share = cover.share(e);
    reach[e] = share * (from < 0 ? 1.0 : reach[from]);
    found.shares[e] = share * (above_[e] < 0 ? 1.0 : found.shares[above_[e]]);
    const int32_t child = child_of(tree, e);
    if (child >= 0) {
      found.into[child] = e;
      continue;
    }
    path_[~child] = std::move(path[e]);
    for (int k = 0; k < tree.width; ++k)
      expected_[k] += reach[e] * tree.leaf_values[static_cast<size_t>(~child) * tree.width + k];
  }
  std::vector<int> all;
  for (const auto& features : path_) all.push_back(points_for(features.size()));
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (const int points : all)
    if (edges() > 0) add_part(found, points);
}

/// The steps over the edges that lead to leaves of that many points.
void ShapTree::add_part(const Edges& edges, int points) {
  Part part;
  part.points = points;
  std::vector<bool> wanted(above_.size());
  for (auto e = static_cast<int32_t>(above_.size()) - 1; e >= 0; --e) {
    const int32_t child = child_of(*tree_, e);
    wanted[e] = child >= 0 ? wanted[2 * child] || wanted[2 * child + 1]
                           : points_for(path_[~child].size()) == points;
  }
  struct Visit {
    int32_t edge;
    int32_t depth;
    bool first;
    bool up;
  };
  std::vector<Visit> stack;
  const auto visit = [&](int32_t node, int32_t depth) {
    const bool left = wanted[2 * node];
    if (wanted[2 * node + 1]) stack.push_back({2 * node + 1, depth, !left, false});
    if (left) stack.push_back({2 * node, depth, true, false});
  };
  visit(0, 0);
  while (!stack.empty()) {
    const Visit now = stack.back();
    stack.pop_back();
    const int32_t child = child_of(*tree_, now.edge);
    const int32_t above = above_[now.edge];
    const double z_above = above < 0 ? 1.0 : edges.shares[above];
    Step step{Step::kDown, now.first,
              now.depth,   now.edge,
              above,       tree_->nodes[now.edge / 2].feature,
              -1,          z_above > 0 ? edges.shares[now.edge] / z_above : 0.0};
    part.depth = std::max(part.depth, now.depth + 1);
    if (now.up) {
      step.kind = Step::kUp;
    } else if (child < 0) {
      step.kind = Step::kLeaf;
      step.leaf = ~child;
    } else {
      stack.push_back({now.edge, now.depth, now.first, true});
      visit(child, now.depth + 1);
    }
    part.steps.push_back(step);
  }
  fill_factors(edges, part);
  parts_.push_back(std::move(part));
}

void ShapTree::fill_factors(const Edges& edges, Part& part) const {
  const GaussLegendre& sum = gauss_legendre(part.points);
  part.weights = sum.weights;
  for (const double t : sum.points) part.cold.push_back(-1 / (1 - t));
  part.factors.resize(above_.size() * static_cast<size_t>(part.points));
  Factors* factors = part.factors.data();
  for (size_t e = 0; e < above_.size(); ++e)
    for (size_t q = 0; q < sum.points.size(); ++q) {
      const double t = sum.points[q];
      const double w = sum.weights[q];
      const double z = edges.shares[e];
      const double z_above = above_[e] < 0 ? 1.0 : edges.shares[above_[e]];
      const double hot = z * (1 - t) + t;
      const double hot_above = z_above * (1 - t) + t;
      const double ratio_above = (1 - z_above) / hot_above;
      *factors++ = {hot / hot_above, z * (1 - t) / hot_above, w * ((1 - z) / hot - ratio_above),
                    w * (-1 / (1 - t) - ratio_above), (1 - z) / hot};
    }
}

void ShapTree::start(const ShapLanes* rows, Scratch& scratch) const {
  scratch.hot.resize(std::max(scratch.hot.size(), above_.size()));
  for (const Part& part : parts_) {
    const size_t size = static_cast<size_t>(part.depth + 1) * static_cast<size_t>(part.points);
    scratch.products.resize(std::max(scratch.products.size(), size));
    scratch.sums.resize(std::max(scratch.sums.size(), size));
  }
  kernels::shap_start(*tree_, above_.data(), rows, scratch.hot.data());
}

void ShapTree::add_contributions(int k, Scratch& scratch, ShapLanes* sums) const {
  for (const Part& part : parts_)
    kernels::shap_contributions(part, *tree_, k, scratch.hot.data(), scratch.products.data(),
                                scratch.sums.data(), sums);
}

void ShapTree::add_interactions(int k, Scratch& scratch, ShapLanes* pairs, int64_t stride) const {
  for (const Part& part : parts_) {
    size_t longest = 0;
    for (const auto& path : path_) longest = std::max(longest, path.size());
    scratch.ratios.resize(std::max(scratch.ratios.size(), longest * part.weights.size()));
    kernels::shap_interactions(part, *tree_, k, path_.data(), scratch.hot.data(),
                               scratch.products.data(), scratch.ratios.data(), pairs, stride);
  }
}

}  // namespace cne::gbdt
