#include "gbdt/model_dump.h"

#include <cmath>

#include "core/byte_buffer.h"
#include "core/error.h"
#include "core/json_value.h"

namespace cne::gbdt {

namespace {

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> out;
  for (size_t f = 0; f < model.features.size(); ++f)
    out.push_back(model.features[f].name.empty() ? std::to_string(f) : model.features[f].name);
  for (const DerivedFeature& derived : model.derived) {
    std::string name;
    for (const int32_t input : inputs_of(derived)) name += (name.empty() ? "" : "*") + out[input];
    out.push_back("derived(" + name + ")");
  }
  return out;
}

JsonValue list_of(std::vector<double> values) {
  return JsonValue(JsonValue::Numbers{std::move(values)});
}

JsonValue categories_of(const FeatureInfo& feature, const CategorySet& set) {
  JsonValue::Array out;
  for (size_t c = 0; c < feature.categories.size(); ++c) {
    if (!contains(set, static_cast<int64_t>(c))) continue;
    const double value = feature.categories[c];
    if (feature.levels.empty())
      out.emplace_back(value);
    else
      out.emplace_back(feature.levels[static_cast<size_t>(value)]);
  }
  return JsonValue(std::move(out));
}

JsonValue node_of(const Model& model, const Tree& tree, const TreeNode& node,
                  const std::vector<std::string>& names) {
  const auto side = [](bool left) { return left ? "left" : "right"; };
  JsonValue out;
  out.add("feature", names[node.feature]);
  if (node.category_set < 0) {
    if (std::isfinite(node.threshold))
      out.add("threshold", node.threshold);
    else
      out.add("threshold", node.threshold > 0 ? "inf" : "-inf");
  } else {
    out.add("categories",
            categories_of(model.features[node.feature], tree.category_sets[node.category_set]));
    out.add("unknown", side(node.unknown_left));
  }
  out.add("missing", side(node.missing_left));
  out.add("gain", node.gain);
  out.add("value", node.value);
  out.add("weight", node.weight);
  out.add("rows", node.rows);
  out.add("left", static_cast<int64_t>(node.left));
  out.add("right", static_cast<int64_t>(node.right));
  return out;
}

JsonValue leaf_of(const Tree& tree, size_t leaf, const std::vector<std::string>& names) {
  JsonValue out;
  const double* values = &tree.leaf_values[leaf * static_cast<size_t>(tree.width)];
  if (tree.width == 1)
    out.add("value", *values);
  else
    out.add("value", list_of({values, values + tree.width}));
  out.add("weight", tree.leaf_weights[leaf]);
  out.add("rows", tree.leaf_rows[leaf]);
  if (tree.linear.empty()) return out;
  out.add("constant", tree.linear.constants[leaf]);
  JsonValue::Object coefficients;
  for (int32_t j = tree.linear.begin[leaf]; j < tree.linear.begin[leaf + 1]; ++j)
    coefficients.emplace_back(names[tree.linear.features[j]],
                              JsonValue(tree.linear.coefficients[j]));
  out.add("coefficients", std::move(coefficients));
  return out;
}

JsonValue tree_of(const Model& model, const Tree& tree, const std::vector<std::string>& names) {
  JsonValue::Array nodes;
  for (const TreeNode& node : tree.nodes) nodes.push_back(node_of(model, tree, node, names));
  JsonValue::Array leaves;
  for (size_t leaf = 0; leaf < tree.leaf_rows.size(); ++leaf)
    leaves.push_back(leaf_of(tree, leaf, names));
  JsonValue out;
  out.add("output", static_cast<int64_t>(tree.output));
  out.add("nodes", std::move(nodes));
  out.add("leaves", std::move(leaves));
  return out;
}

}  // namespace

std::string dump_model(const Model& model, std::optional<int64_t> tree) {
  const auto count = static_cast<int64_t>(model.trees.size());
  if (tree && (*tree < 0 || *tree >= count))
    throw ArgumentError(message("dump: expected tree in [0, ", count, "), got ", *tree));
  const std::vector<std::string> names = names_of(model);
  JsonValue::Array features;
  for (size_t f = 0; f < model.features.size(); ++f) features.emplace_back(names[f]);
  JsonValue::Array trees;
  for (int64_t t = tree.value_or(0); t < (tree ? *tree + 1 : count); ++t)
    trees.push_back(tree_of(model, model.trees[static_cast<size_t>(t)], names));
  JsonValue document;
  document.add("objective", std::string(objective_name(model.objective.kind)));
  document.add("base_scores", list_of(model.base_scores));
  document.add("features", std::move(features));
  document.add("trees", std::move(trees));
  ByteBuffer out;
  write_json(document, out);
  return std::string(out.view());
}

}  // namespace cne::gbdt
