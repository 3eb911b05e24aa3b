#include "gbdt/onnx_trees.h"

#include <cmath>
#include <limits>

#include "core/error.h"
#include "gbdt/foreign.h"

namespace cne::gbdt {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

[[noreturn]] void refuse(std::string_view what) { cannot_hold("ONNX", what); }

void check_model(const Model& model) {
  if (!model.derived.empty()) refuse("features that are looked up in tables");
  for (const FeatureInfo& feature : model.features) {
    if (feature.zero_is_missing) refuse("a feature whose zeros are missing");
    for (const double category : feature.categories)
      if (static_cast<double>(static_cast<float>(category)) != category)
        refuse(message("category ", category, ", which float32 does not hold"));
  }
  for (const Tree& tree : model.trees)
    if (!tree.linear.empty()) refuse("linear leaves");
}

class Writer {
 public:
  Writer(const Model& model, OnnxTrees& out) : model_(model), out_(out) {}

  void add_tree(const Tree& tree, int64_t number) {
    number_ = number;
    // The first ONNX node of each of ours, then the leaves.
    std::vector<int64_t> starts;
    std::vector<std::vector<float>> chains;
    int64_t next = 0;
    for (const TreeNode& node : tree.nodes) {
      starts.push_back(next);
      chains.push_back(chain_of(tree, node));
      next += std::max<int64_t>(1, static_cast<int64_t>(chains.back().size()));
    }
    const auto place = [&](int32_t at) { return at >= 0 ? starts[at] : next + ~at; };
    for (size_t i = 0; i < tree.nodes.size(); ++i) {
      const TreeNode& node = tree.nodes[i];
      const int64_t left = place(node.left);
      const int64_t right = place(node.right);
      if (node.category_set < 0)
        add_node(starts[i], "BRANCH_LEQ", node.feature, floor_of(node.threshold), left, right,
                 node.missing_left);
      else
        add_chain(starts[i], node, chains[i], left, right);
    }
    for (int leaf = 0; leaf < tree.leaves(); ++leaf) {
      add_node(next + leaf, "LEAF", 0, 0, 0, 0, false);
      for (int k = 0; k < tree.width; ++k) {
        out_.target_tree.push_back(number_);
        out_.target_node.push_back(next + leaf);
        out_.target.push_back(tree.output + k);
        out_.weight.push_back(
            static_cast<float>(tree.leaf_values[static_cast<size_t>(leaf) * tree.width + k]));
      }
    }
  }

 private:
  static float floor_of(double threshold) {
    auto out = static_cast<float>(threshold);
    if (static_cast<double>(out) > threshold) out = std::nextafter(out, -kInfinity);
    return out;
  }

  /// The categories that are asked for one by one: those that go left, or, where unknown ones do,
  /// those that go right.
  std::vector<float> chain_of(const Tree& tree, const TreeNode& node) const {
    std::vector<float> out;
    if (node.category_set < 0) return out;
    const std::vector<double>& categories = model_.features[node.feature].categories;
    const CategorySet& set = tree.category_sets[node.category_set];
    for (size_t c = 0; c < categories.size(); ++c)
      if (contains(set, static_cast<int64_t>(c)) != node.unknown_left)
        out.push_back(static_cast<float>(categories[c]));
    return out;
  }

  void add_chain(int64_t start, const TreeNode& node, const std::vector<float>& chain, int64_t left,
                 int64_t right) {
    const int64_t yes = node.unknown_left ? right : left;
    const int64_t no = node.unknown_left ? left : right;
    const bool missing_yes = node.missing_left != node.unknown_left;
    if (chain.empty())
      return add_node(start, "BRANCH_LEQ", node.feature, -kInfinity, yes, no, missing_yes);
    for (size_t i = 0; i < chain.size(); ++i) {
      const auto at = start + static_cast<int64_t>(i);
      add_node(at, "BRANCH_EQ", node.feature, chain[i], yes, i + 1 < chain.size() ? at + 1 : no,
               missing_yes);
    }
  }

  void add_node(int64_t id, const char* mode, int64_t feature, float value, int64_t yes, int64_t no,
                bool missing_yes) {
    out_.tree.push_back(number_);
    out_.node.push_back(id);
    out_.mode.emplace_back(mode);
    out_.feature.push_back(feature);
    out_.value.push_back(value);
    out_.yes.push_back(yes);
    out_.no.push_back(no);
    out_.missing_yes.push_back(missing_yes ? 1 : 0);
  }

  const Model& model_;
  OnnxTrees& out_;
  int64_t number_ = 0;
};

}  // namespace

OnnxTrees write_onnx_trees(const Model& model) {
  check_model(model);
  OnnxTrees out;
  Writer writer(model, out);
  for (size_t t = 0; t < model.trees.size(); ++t)
    writer.add_tree(model.trees[t], static_cast<int64_t>(t));
  return out;
}

}  // namespace cne::gbdt
