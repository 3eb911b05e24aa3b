#include "gbdt/bin_tree.h"

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kGrain = 16384;

}  // namespace

BinTree::BinTree(const Tree& tree, const BinMatrix& bins) {
  std::vector<int> column_of(static_cast<size_t>(bins.features()), 0);
  for (int j = 0; j < bins.width(); ++j) column_of[bins.feature(j)] = j;
  nodes_.reserve(tree.nodes.size());
  for (const TreeNode& node : tree.nodes) {
    Node& out =
        nodes_.emplace_back(Node{column_of[node.feature], node.left, node.right, SideOfBin{}});
    const FeatureBins& feature = bins.bins_of_feature(node.feature);
    for (int b = 0; b < feature.count(); ++b)
      out.sides[b] = node.category_set >= 0 ? contains(tree.category_sets[node.category_set], b)
                                            : feature.bounds[b] <= node.threshold;
    out.sides[feature.missing_bin()] = node.missing_left;
  }
}

void BinTree::add(const Tree& tree, const BinMatrix& bins, const uint8_t* skip, double factor,
                  double* scores) const {
  parallel_for(bins.rows(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (skip != nullptr && skip[i]) continue;
      const size_t leaf = static_cast<size_t>(find_leaf(bins, i)) * tree.width;
      for (int k = 0; k < tree.width; ++k)
        scores[(tree.output + k) * bins.rows() + i] += factor * tree.leaf_values[leaf + k];
    }
  });
}

}  // namespace cne::gbdt
