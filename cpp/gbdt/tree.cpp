#include "gbdt/tree.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace cne::gbdt {

namespace {

[[noreturn]] void broken(const char* function, const char* what) {
  throw CorruptionError(message(function, ": the model's trees are broken: ", what));
}

void check_linear(const Tree& tree, int features, const char* function) {
  const LinearLeaves& linear = tree.linear;
  if (linear.empty()) return;
  const auto leaves = static_cast<size_t>(tree.leaves());
  bool good = tree.width == 1 && linear.constants.size() == leaves &&
              linear.begin.size() == leaves + 1 && linear.begin[0] == 0 &&
              linear.features.size() == linear.coefficients.size() &&
              static_cast<size_t>(linear.begin.back()) == linear.features.size() &&
              std::is_sorted(linear.begin.begin(), linear.begin.end());
  for (const int32_t feature : linear.features) good = good && feature >= 0 && feature < features;
  for (const double c : linear.coefficients) good = good && std::isfinite(c);
  for (const double c : linear.constants) good = good && std::isfinite(c);
  if (!good) broken(function, "its linear leaves do not fit");
}

}  // namespace

void Tree::check(int features, int outputs, const char* function) const {
  const size_t leaf_count = nodes.size() + 1;
  if (width < 1 || output < 0 || width > outputs || output > outputs - width)
    broken(function, "an output number is out of range");
  if (leaf_values.size() != leaf_count * width)
    broken(function, "a tree needs one leaf more than nodes");
  if (leaf_weights.size() != leaf_count || leaf_rows.size() != leaf_count)
    broken(function, "each leaf needs its weight and rows");
  check_linear(*this, features, function);
  for (const double value : leaf_values)
    if (!std::isfinite(value)) broken(function, "a leaf value is not finite");
  std::vector<uint8_t> seen_node(nodes.size());
  std::vector<uint8_t> seen_leaf(leaf_count);
  const auto child = [&](int parent, int at) {
    // A child comes after its parent, so there is no way back up.
    if (at >= 0 ? at <= parent || at >= static_cast<int>(nodes.size())
                : static_cast<size_t>(~at) >= leaf_count)
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
