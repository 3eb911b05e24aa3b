#include "gbdt/tree_scores.h"

#include <algorithm>

#include "core/parallel.h"
#include "gbdt/bin_tree.h"
#include "gbdt/row_fold.h"

namespace cne::gbdt {

bool fits_bins(const Tree& tree, const BinMatrix& bins) {
  std::vector<uint8_t> kept(static_cast<size_t>(bins.features()));
  for (int j = 0; j < bins.width(); ++j) kept[bins.feature(j)] = 1;
  return std::all_of(tree.nodes.begin(), tree.nodes.end(), [&](const TreeNode& node) {
    if (!kept[node.feature]) return false;
    const std::vector<double>& bounds = bins.bins_of_feature(node.feature).bounds;
    return node.category_set >= 0 ||
           std::binary_search(bounds.begin(), bounds.end(), node.threshold);
  });
}

void TreeScores::add(const Tree& tree, const uint8_t* skip, double factor, double* scores) const {
  if (!fits_bins(tree, bins_))
    add_by_numbers(tree, skip, factor, scores);
  else if (tree.linear.empty())
    BinTree(tree, bins_).add(tree, bins_, skip, factor, scores);
  else
    add_linear(tree, skip, factor, scores);
}

void TreeScores::add(const std::vector<Tree>& trees, size_t first, size_t last,
                     double* scores) const {
  for (size_t t = first; t < last; ++t) add(trees[t], nullptr, 1.0, scores);
}

void TreeScores::add_linear(const Tree& tree, const uint8_t* skip, double factor,
                            double* scores) const {
  double* out = scores + tree.output * bins_.rows();
  BinTree(tree, bins_).visit_leaves(bins_, skip, [&](int leaf, const int32_t* rows, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const auto value = [&](int feature) {
        return features_[feature].encode(x_->columns[feature][rows[i]]);
      };
      out[rows[i]] += factor * tree.leaf_value(leaf, 0, value);
    }
  });
}

void TreeScores::add_by_numbers(const Tree& tree, const uint8_t* skip, double factor,
                                double* scores) const {
  parallel_for(bins_.rows(), kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (skip != nullptr && skip[i]) continue;
      const auto value = [&](int feature) {
        return features_[feature].encode(x_->columns[feature][i]);
      };
      const int leaf = tree.find_leaf(value);
      for (int k = 0; k < tree.width; ++k)
        scores[(tree.output + k) * bins_.rows() + i] += factor * tree.leaf_value(leaf, k, value);
    }
  });
}

void scale_tree(Tree& tree, double factor) {
  for (double& value : tree.leaf_values) value *= factor;
  for (double& value : tree.linear.constants) value *= factor;
  for (double& value : tree.linear.coefficients) value *= factor;
  for (TreeNode& node : tree.nodes) node.value *= factor;
}

}  // namespace cne::gbdt
