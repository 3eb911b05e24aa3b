#include "gbdt/tree.h"

#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

namespace {

[[noreturn]] void broken(const char* function, const char* what) {
  throw CorruptionError(message(function, ": the model's trees are broken: ", what));
}

}  // namespace

void Tree::check(int features, const char* function) const {
  if (leaf_values.size() != nodes.size() + 1)
    broken(function, "a tree needs one leaf more than nodes");
  for (const double value : leaf_values)
    if (!std::isfinite(value)) broken(function, "a leaf value is not finite");
  std::vector<uint8_t> seen_node(nodes.size());
  std::vector<uint8_t> seen_leaf(leaf_values.size());
  const auto child = [&](int parent, int at) {
    // A child comes after its parent, so there is no way back up.
    if (at >= 0 ? at <= parent || at >= static_cast<int>(nodes.size())
                : static_cast<size_t>(~at) >= leaf_values.size())
      broken(function, "a child number is out of range");
    uint8_t& seen = at >= 0 ? seen_node[at] : seen_leaf[~at];
    if (seen++ != 0) broken(function, "a node has two parents");
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    const TreeNode& node = nodes[i];
    child(static_cast<int>(i), node.left);
    child(static_cast<int>(i), node.right);
    if (node.feature < 0 || node.feature >= features)
      broken(function, "a feature number is out of range");
    if (node.category_set >= static_cast<int>(category_sets.size()))
      broken(function, "a category set is missing");
    if (std::isnan(node.threshold) || !std::isfinite(node.gain) || node.rows < 0)
      broken(function, "a number of a node is out of range");
  }
}

}  // namespace cne::gbdt
