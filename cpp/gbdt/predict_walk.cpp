#include "gbdt/predict_walk.h"

#include <algorithm>
#include <limits>

namespace cne::gbdt {

namespace {

constexpr int kInStep = 16;  // rows whose loads overlap

}  // namespace

/// Breadth first: parents before children, both children together.
void WalkTrees::add(const Tree& tree) {
  struct Pending {
    int from;  // number in `tree`, ~leaf for a leaf
    uint32_t to;
    int depth;
  };
  Root root{static_cast<uint32_t>(nodes_.size()), 0, false};
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
void WalkTrees::find_leaves(int tree, const double* x, int rows, int width, uint32_t* out) const {
  const Root& root = roots_[tree];
  const Node* nodes = nodes_.data();
  int first = 0;
  for (; !root.categorical && first + kInStep <= rows; first += kInStep) {
    const double* block = x + int64_t{first} * width;
    uint32_t at[kInStep];
    for (uint32_t& position : at) position = root.node;
    for (int step = 0; step < root.depth; ++step) {
      for (int i = 0; i < kInStep; ++i) {
        const Node node = nodes[at[i]];
        const double value = block[int64_t{i} * width + (node.bits & kFeature)];
        const bool missing = (value != value) & ((node.bits & kMissingRight) != 0);
        at[i] = node.child + static_cast<uint32_t>((value > node.threshold) | missing);
      }
    }
    for (int i = 0; i < kInStep; ++i) out[first + i] = leaves_[at[i]];
  }
  for (; first < rows; ++first) {
    const double* row = x + int64_t{first} * width;
    out[first] = find_leaf(tree, [&](uint32_t feature) { return row[feature]; });
  }
}

}  // namespace cne::gbdt
