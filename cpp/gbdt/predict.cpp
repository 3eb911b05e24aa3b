#include "gbdt/predict.h"

#include <algorithm>
#include <limits>

namespace cne::gbdt {

namespace {

constexpr int64_t kInStep = 16;  // rows whose loads overlap

}  // namespace

Forest::Forest(const std::vector<Tree>& trees, bool float32_sums) : float32_sums_(float32_sums) {
  for (const Tree& tree : trees) add_tree(tree);
}

/// Breadth first: parents before children, both children together.
void Forest::add_tree(const Tree& tree) {
  struct Pending {
    int from;  // number in `tree`, ~leaf for a leaf
    uint32_t to;
    int depth;
  };
  Root root{static_cast<uint32_t>(nodes_.size()), 0, false, &tree};
  const auto first_set = static_cast<uint64_t>(sets_.size());
  sets_.insert(sets_.end(), tree.category_sets.begin(), tree.category_sets.end());
  std::vector<Pending> queue{{tree.nodes.empty() ? ~0 : 0, root.node, 0}};
  nodes_.emplace_back();
  leaves_.push_back(0);
  for (size_t next = 0; next < queue.size(); ++next) {
    const Pending now = queue[next];
    root.depth = std::max(root.depth, now.depth);
    Node& node = nodes_[now.to];
    if (now.from < 0) {
      node.threshold = std::numeric_limits<double>::infinity();
      node.bits = kLeaf;
      node.child = now.to;
      leaves_[now.to] = static_cast<uint32_t>(~now.from);
      continue;
    }
    const TreeNode& source = tree.nodes[now.from];
    node.bits = static_cast<uint32_t>(source.feature) | (source.missing_left ? 0 : kMissingRight);
    if (source.category_set >= 0) {
      node.bits |= kCategorical | (source.unknown_left ? 0 : kUnknownRight);
      node.set = first_set + static_cast<uint64_t>(source.category_set);
      root.categorical = true;
    } else {
      node.threshold = source.threshold;
    }
    node.child = static_cast<uint32_t>(nodes_.size());
    queue.push_back({source.left, node.child, now.depth + 1});
    queue.push_back({source.right, node.child + 1, now.depth + 1});
    nodes_.resize(nodes_.size() + 2);
    leaves_.resize(nodes_.size());
  }
  roots_.push_back(root);
}

/// kInStep rows take one step each in turn: no branch depends on the data, and the loads of one
/// row hide behind those of the others.
void Forest::walk_in_step(const Root& root, const double* x, int64_t width, int outputs,
                          double* out) const {
  const Node* nodes = nodes_.data();
  uint32_t at[kInStep];
  for (uint32_t& position : at) position = root.node;
  for (int step = 0; step < root.depth; ++step) {
    for (int64_t i = 0; i < kInStep; ++i) {
      const Node node = nodes[at[i]];
      const double value = x[i * width + (node.bits & kFeature)];
      const bool missing = (value != value) & ((node.bits & kMissingRight) != 0);
      at[i] = node.child + static_cast<uint32_t>((value > node.threshold) | missing);
    }
  }
  for (int64_t i = 0; i < kInStep; ++i)
    add_leaf(
        root, leaves_[at[i]], [&](int32_t feature) { return x[i * width + feature]; },
        out + i * outputs);
}

void Forest::add(const double* x, int64_t rows, int64_t width, int trees, int outputs,
                 double* out) const {
  for (int t = 0; t < trees; ++t) {
    const Root& root = roots_[t];
    int64_t i = 0;
    if (!root.categorical)
      for (; i + kInStep <= rows; i += kInStep)
        walk_in_step(root, x + i * width, width, outputs, out + i * outputs);
    for (; i < rows; ++i) {
      const double* row = x + i * width;
      uint32_t at = root.node;
      while (!(nodes_[at].bits & kLeaf))
        at = nodes_[at].child + (goes_right(nodes_[at], row[nodes_[at].bits & kFeature]) ? 1 : 0);
      add_leaf(root, leaves_[at], [&](int32_t feature) { return row[feature]; }, out + i * outputs);
    }
  }
}

}  // namespace cne::gbdt
