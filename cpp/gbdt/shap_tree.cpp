#include "gbdt/shap_tree.h"

#include <algorithm>

#include "core/error.h"
#include "core/simd.h"
#include "gbdt/gauss_legendre.h"

namespace cne::gbdt {

namespace kernels {

/// out = in * by, for all points; `in` may be null for 1.
CNE_MULTIVERSION void shap_down(const Lanes* factors, const uint8_t* state, const int32_t* into,
                                int64_t edges, size_t blocks, Lanes* products) {
  for (int64_t e = 0; e < edges; ++e) {
    const int32_t from = into[e / 2];
    const Lanes* factor = factors + (e * 3 + state[e]) * blocks;
    for (size_t b = 0; b < blocks; ++b)
      for (int i = 0; i < 8; ++i)
        products[e * blocks + b].at[i] =
            factor[b].at[i] * (from < 0 ? 1.0 : products[from * blocks + b].at[i]);
  }
}

/// Sums of leaves upwards; what each edge adds to its feature.
CNE_MULTIVERSION void shap_up(const Tree& tree, int k, const Lanes* weights, const uint8_t* state,
                              const Lanes* products, size_t blocks, Lanes* node_sums,
                              Lanes* feature_sums) {
  for (auto n = static_cast<int64_t>(tree.nodes.size()) - 1; n >= 0; --n) {
    const TreeNode& node = tree.nodes[n];
    Lanes* feature = feature_sums + node.feature;
    for (size_t b = 0; b < blocks; ++b) {
      Lanes sum[2];
      for (int side = 0; side < 2; ++side) {
        const int32_t child = side == 0 ? node.left : node.right;
        const int64_t e = 2 * n + side;
        const double leaf =
            child < 0 ? tree.leaf_values[static_cast<size_t>(~child) * tree.width + k] : 1.0;
        const Lanes& from = child < 0 ? products[e * blocks + b] : node_sums[child * blocks + b];
        const Lanes& weight = weights[(e * 3 + state[e]) * blocks + b];
        for (int i = 0; i < 8; ++i) sum[side].at[i] = from.at[i] * leaf;
        for (int i = 0; i < 8; ++i) feature->at[i] += sum[side].at[i] * weight.at[i];
      }
      for (int i = 0; i < 8; ++i) node_sums[n * blocks + b].at[i] = sum[0].at[i] + sum[1].at[i];
    }
  }
}

}  // namespace kernels

ShapTree::ShapTree(const Tree& tree, const char* function) : tree_(&tree) {
  if (!tree.linear.empty())
    throw UnsupportedError(message(function, ": linear leaves have no Shapley values"));
  find_paths(function);
  fill_tables();
}

/// Shares of the training rows, and which edges split on the same features.
void ShapTree::find_paths(const char* function) {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  const size_t edges = 2 * nodes.size();
  into_.assign(nodes.size(), -1);
  above_.assign(edges, -1);
  shares_.assign(edges, 1.0);
  last_.resize(static_cast<size_t>(tree_->leaves()));
  expected_.assign(static_cast<size_t>(tree_->width), 0.0);
  if (nodes.empty()) {
    expected_ = tree_->leaf_values;
    return;
  }
  const bool by_rows = nodes[0].rows > 0;
  if (!by_rows && nodes[0].weight <= 0)
    throw UnsupportedError(
        message(function, ": the model does not tell how many rows came to its leaves"));
  const auto cover = [&](int32_t child) {
    if (child < 0)
      return by_rows ? static_cast<double>(tree_->leaf_rows[~child]) : tree_->leaf_weights[~child];
    return by_rows ? static_cast<double>(nodes[child].rows) : nodes[child].weight;
  };
  std::vector<double> reach(edges);               // share of all rows that take the edge
  std::vector<std::vector<int32_t>> path(edges);  // the last edge of each feature
  size_t longest = 0;
  for (size_t e = 0; e < edges; ++e) {
    const TreeNode& node = nodes[e / 2];
    const int32_t child = e % 2 == 0 ? node.left : node.right;
    const double both = cover(node.left) + cover(node.right);
    const double share = both > 0 ? cover(child) / both : 0.5;
    const int32_t from = into_[e / 2];
    reach[e] = share * (from < 0 ? 1.0 : reach[from]);
    if (from >= 0) path[e] = path[from];
    const auto same = std::find_if(path[e].begin(), path[e].end(), [&](int32_t other) {
      return nodes[other / 2].feature == node.feature;
    });
    if (same == path[e].end()) {
      path[e].push_back(static_cast<int32_t>(e));
    } else {
      above_[e] = *same;
      *same = static_cast<int32_t>(e);
    }
    shares_[e] = share * (above_[e] < 0 ? 1.0 : shares_[above_[e]]);
    longest = std::max(longest, path[e].size());
    if (child >= 0) {
      into_[child] = static_cast<int32_t>(e);
      continue;
    }
    last_[~child] = std::move(path[e]);
    for (int k = 0; k < tree_->width; ++k) expected_[k] += reach[e] * leaf_values(child)[k];
  }
  blocks_ = ((longest + 1) / 2 + 7) / 8;
}

void ShapTree::fill_tables() {
  const GaussLegendre sum(static_cast<int>(8 * blocks_));
  const size_t edges = above_.size();
  points_.resize(blocks_);
  factors_.resize(edges * kStates * blocks_);
  weights_.resize(factors_.size());
  ratios_.resize(factors_.size());
  for (size_t b = 0; b < blocks_; ++b)
    for (size_t i = 0; i < 8; ++i) {
      const double t = sum.points[8 * b + i];
      const double w = sum.weights[8 * b + i];
      points_[b].at[i] = w;
      const double cold = -1 / (1 - t);
      const auto hot = [&](double z) { return z * (1 - t) + t; };
      for (size_t e = 0; e < edges; ++e) {
        const double z = shares_[e];
        const double z_above = above_[e] < 0 ? 1.0 : shares_[above_[e]];
        const auto put = [&](std::vector<Lanes>& table, State state, double value) {
          table[(e * kStates + state) * blocks_ + b].at[i] = value;
        };
        const double ratio_above = (1 - z_above) / hot(z_above);
        put(factors_, kHot, hot(z) / hot(z_above));
        put(factors_, kCold, z * (1 - t) / hot(z_above));
        put(factors_, kDead, z_above > 0 ? z / z_above : 0.0);
        put(weights_, kHot, w * ((1 - z) / hot(z) - ratio_above));
        put(weights_, kCold, w * (cold - ratio_above));
        put(ratios_, kHot, (1 - z) / hot(z));
        put(ratios_, kCold, cold);
        put(ratios_, kDead, cold);
      }
    }
}

void ShapTree::start(const double* row, Scratch& scratch) const {
  const size_t edges = above_.size();
  if (scratch.state.size() < edges) scratch.state.resize(edges);
  if (scratch.products.size() < edges * blocks_) scratch.products.resize(edges * blocks_);
  if (scratch.sums.size() < edges / 2 * blocks_) scratch.sums.resize(edges / 2 * blocks_);
  uint8_t* state = scratch.state.data();
  for (size_t n = 0; n < tree_->nodes.size(); ++n) {
    const TreeNode& node = tree_->nodes[n];
    const bool left = tree_->goes_left(node, row[node.feature]);
    for (size_t side = 0; side < 2; ++side) {
      const size_t e = 2 * n + side;
      const bool dead = above_[e] >= 0 && state[above_[e]] != kHot;
      state[e] = static_cast<uint8_t>(dead ? kDead : (side == 0) == left ? kHot : kCold);
    }
  }
  kernels::shap_down(factors_.data(), state, into_.data(), static_cast<int64_t>(edges), blocks_,
                     scratch.products.data());
}

void ShapTree::add_contributions(int k, Scratch& scratch, Lanes* sums) const {
  kernels::shap_up(*tree_, k, weights_.data(), scratch.state.data(), scratch.products.data(),
                   blocks_, scratch.sums.data(), sums);
}

void ShapTree::add_interactions(int k, Scratch& scratch, double* out, int64_t stride) const {
  const auto ratio = [&](int32_t e, size_t b) -> const Lanes& {
    return ratios_[(static_cast<size_t>(e) * kStates + scratch.state[e]) * blocks_ + b];
  };
  for (size_t e = 0; e < above_.size(); ++e) {
    const TreeNode& node = tree_->nodes[e / 2];
    const int32_t child = e % 2 == 0 ? node.left : node.right;
    if (child >= 0) continue;
    const double half = 0.5 * leaf_values(child)[k];
    const std::vector<int32_t>& path = last_[~child];
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      const int32_t a = tree_->nodes[path[i] / 2].feature;
      for (size_t b = 0; b < blocks_; ++b) {
        Lanes first;
        for (size_t l = 0; l < 8; ++l)
          first.at[l] = half * points_[b].at[l] * scratch.products[e * blocks_ + b].at[l] *
                        ratio(path[i], b).at[l];
        for (size_t j = i + 1; j < path.size(); ++j) {
          const int32_t c = tree_->nodes[path[j] / 2].feature;
          Lanes both;
          const Lanes& second = ratio(path[j], b);
          for (size_t l = 0; l < 8; ++l) both.at[l] = first.at[l] * second.at[l];
          out[std::min(a, c) * stride + std::max(a, c)] += both.sum();
        }
      }
    }
  }
}

}  // namespace cne::gbdt
