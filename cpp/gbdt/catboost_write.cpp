// Models to CatBoost documents.

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "gbdt/catboost_file.h"
#include "gbdt/catboost_objective.h"
#include "gbdt/model_attributes.h"

namespace cne::gbdt {

namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr int kMaxDepth = 120;  // of a tree: documents nest
constexpr size_t kMostGrowth =
    32;  // nodes for each node of ours, where missing values ask for more

[[noreturn]] void refuse(std::string_view what) { cannot_hold("CatBoost", what); }

/// `x > threshold` for float32 x: the threshold rounded down.
float border_of(double threshold) {
  if (threshold >= kLargest) return kLargest;
  if (threshold <= -static_cast<double>(kLargest)) return -kLargest;
  auto border = static_cast<float>(threshold);
  if (static_cast<double>(border) > threshold)
    border = std::nextafter(border, -std::numeric_limits<float>::infinity());
  return border;
}

/// What all splits of a feature have in common: CatBoost has one rule for missing values, which are
/// below (or above) all numbers, and one list of borders.
struct Feature {
  bool any_left = false;   // missing values go left in some split
  bool any_right = false;  // or right
  std::vector<float> borders;
  int64_t first = 0;  // number of its first border among those of all features

  bool as_true() const { return any_right && !any_left; }
  bool mixed() const { return any_right && any_left; }
  int64_t find(float border) const {
    return first + (std::lower_bound(borders.begin(), borders.end(), border) - borders.begin());
  }
};

void check_model(const Model& model) {
  if (!model.derived.empty()) refuse("features that are looked up in tables");
  for (const FeatureInfo& feature : model.features) {
    if (feature.categorical) refuse("categorical features");
    if (feature.zero_is_missing) refuse("a feature whose zeros are missing");
  }
  for (const Tree& tree : model.trees)
    if (!tree.linear.empty()) refuse("linear leaves");
}

std::vector<Feature> collect(const Model& model) {
  std::vector<Feature> out(model.features.size());
  for (const Tree& tree : model.trees) {
    for (const TreeNode& node : tree.nodes) {
      Feature& feature = out[node.feature];
      (node.missing_left ? feature.any_left : feature.any_right) = true;
      feature.borders.push_back(border_of(node.threshold));
    }
  }
  int64_t count = 0;
  for (Feature& feature : out) {
    // A border below all numbers sets missing values apart.
    if (feature.mixed()) feature.borders.push_back(-kLargest);
    std::sort(feature.borders.begin(), feature.borders.end());
    feature.borders.erase(std::unique(feature.borders.begin(), feature.borders.end()),
                          feature.borders.end());
    feature.first = count;
    count += static_cast<int64_t>(feature.borders.size());
  }
  return out;
}

JsonValue write_split(const std::vector<Feature>& features, int32_t f, float border) {
  JsonValue out;
  out.add("border", static_cast<double>(border)).add("float_feature_index", int64_t{f});
  out.add("split_index", features[f].find(border)).add("split_type", "FloatFeature");
  return out;
}

class TreeWriter {
 public:
  TreeWriter(const Tree& tree, const std::vector<Feature>& features, int outputs)
      : tree_(tree), features_(features), outputs_(outputs) {
    known_.resize(features.size(), Known::kNothing);
  }

  /// The splits of each level when the tree is symmetric and needs no more than them.
  bool find_levels(std::vector<const TreeNode*>* levels) const {
    std::vector<int32_t> places{tree_.nodes.empty() ? ~0 : 0};
    while (places[0] >= 0) {
      const TreeNode& first = tree_.nodes[places[0]];
      std::vector<int32_t> below;
      for (const int32_t at : places) {
        if (at < 0) return false;
        const TreeNode& node = tree_.nodes[at];
        if (node.feature != first.feature || node.threshold != first.threshold ||
            features_[node.feature].mixed())
          return false;
        below.push_back(node.left);
        below.push_back(node.right);
      }
      levels->push_back(&first);
      if (levels->size() > 16) return false;
      places = std::move(below);
    }
    return std::all_of(places.begin(), places.end(), [](int32_t at) { return at < 0; });
  }

  JsonValue write_symmetric(const std::vector<const TreeNode*>& levels) const {
    JsonValue::Array splits;
    JsonValue::Numbers values;
    JsonValue::Numbers weights;
    for (const TreeNode* node : levels)
      splits.push_back(write_split(features_, node->feature, border_of(node->threshold)));
    for (size_t number = 0; number < (size_t{1} << levels.size()); ++number) {
      int32_t at = tree_.nodes.empty() ? ~0 : 0;
      for (size_t level = 0; at >= 0; ++level)
        at = (number >> level) & 1 ? tree_.nodes[at].right : tree_.nodes[at].left;
      for (int k = 0; k < outputs_; ++k) values.values.push_back(value_of(~at, k));
      weights.values.push_back(tree_.leaf_weights[~at]);
    }
    JsonValue out;
    out.add("leaf_values", std::move(values)).add("leaf_weights", std::move(weights));
    out.add("splits", std::move(splits));
    return out;
  }

  JsonValue write() { return write_branch(tree_.nodes.empty() ? ~0 : 0, 0); }

 private:
  enum class Known : uint8_t { kNothing, kMissing, kThere };

  double value_of(int32_t leaf, int k) const {
    if (k < tree_.output || k >= tree_.output + tree_.width) return 0;
    return tree_.leaf_values[static_cast<size_t>(leaf) * tree_.width + (k - tree_.output)];
  }

  JsonValue write_leaf(int32_t leaf) {
    JsonValue out;
    if (outputs_ == 1) {
      out.add("value", value_of(leaf, 0));
    } else {
      JsonValue::Numbers values;
      for (int k = 0; k < outputs_; ++k) values.values.push_back(value_of(leaf, k));
      out.add("value", std::move(values));
    }
    out.add("weight", tree_.leaf_weights[leaf]);
    return out;
  }

  JsonValue join(int32_t f, float border, JsonValue left, JsonValue right) const {
    JsonValue out;
    out.add("left", std::move(left)).add("right", std::move(right));
    out.add("split", write_split(features_, f, border));
    return out;
  }

  /// A node or leaf; where its feature's rule sends missing values the other way, they are set
  /// apart first, and what is known of them on the way down spares splits.
  JsonValue write_branch(int32_t at, int depth) {
    if (++written_ > kMostGrowth * (tree_.nodes.size() + 1) + 64)
      refuse("missing values that go different ways in too many splits of a feature");
    if (depth > kMaxDepth) refuse("a tree that is so deep");
    if (at < 0) return write_leaf(~at);
    const TreeNode& node = tree_.nodes[at];
    const int32_t f = node.feature;
    const bool rule_left = !features_[f].as_true();
    const Known known = known_[f];
    if (known == Known::kMissing)
      return write_branch(node.missing_left ? node.left : node.right, depth + 1);
    const float border = border_of(node.threshold);
    if (known == Known::kThere || node.missing_left == rule_left) {
      JsonValue left = write_branch(node.left, depth + 1);
      return join(f, border, std::move(left), write_branch(node.right, depth + 1));
    }
    known_[f] = Known::kMissing;
    JsonValue missing = write_branch(node.right, depth + 1);
    known_[f] = Known::kThere;
    JsonValue left = write_branch(node.left, depth + 2);
    JsonValue right = write_branch(node.right, depth + 2);
    known_[f] = known;
    return join(f, -kLargest, std::move(missing),
                join(f, border, std::move(left), std::move(right)));
  }

  const Tree& tree_;
  const std::vector<Feature>& features_;
  int outputs_;
  std::vector<Known> known_;  // of each feature's missing values, on the way to where we are
  size_t written_ = 0;
};

/// All trees symmetric, else (CatBoost has one kind in a model) all as branches.
void write_trees(const Model& model, const std::vector<Feature>& features, JsonValue& out) {
  std::vector<std::vector<const TreeNode*>> levels(model.trees.size());
  bool symmetric = true;
  for (size_t t = 0; t < model.trees.size() && symmetric; ++t)
    symmetric = TreeWriter(model.trees[t], features, model.outputs()).find_levels(&levels[t]);
  JsonValue::Array trees;
  for (size_t t = 0; t < model.trees.size(); ++t) {
    TreeWriter writer(model.trees[t], features, model.outputs());
    trees.push_back(symmetric ? writer.write_symmetric(levels[t]) : writer.write());
  }
  out.add(symmetric ? "oblivious_trees" : "trees", std::move(trees));
}

JsonValue write_features(const Model& model, const std::vector<Feature>& features) {
  JsonValue::Array list;
  for (size_t f = 0; f < features.size(); ++f) {
    const Feature& feature = features[f];
    const bool seen = feature.any_left || feature.any_right;
    JsonValue::Numbers borders;
    borders.values.assign(feature.borders.begin(), feature.borders.end());
    JsonValue entry;
    entry.add("borders", std::move(borders)).add("feature_id", model.features[f].name);
    entry.add("feature_index", static_cast<int64_t>(f));
    entry.add("flat_feature_index", static_cast<int64_t>(f)).add("has_nans", seen);
    entry.add("nan_value_treatment", feature.as_true() ? "AsTrue" : "AsFalse");
    list.push_back(std::move(entry));
  }
  JsonValue out;
  out.add("float_features", std::move(list));
  return out;
}

JsonValue write_info(const Model& model) {
  JsonValue parameters;
  parameters.add("loss_function", write_catboost_objective(model.objective));
  JsonValue out;
  JsonValue classes = classes_of(model);
  const JsonValue defaults = foreign_attributes(model.objective);
  if (const JsonValue* numbers = defaults.find("classes")) {
    const char* type = "Integer";
    if (const auto* list = classes.array(); list != nullptr && (*list)[0].text() != nullptr)
      type = "String";
    else if (const auto* packed = classes.numbers(); packed == nullptr)
      classes = *numbers;  // none, or false and true
    else if (std::any_of(packed->values.begin(), packed->values.end(),
                         [](double value) { return value != std::floor(value); }))
      type = "Float";
    JsonValue entry;
    entry.add("class_label_type", type);
    entry.add("class_names", std::move(classes)).add("class_to_label", JsonValue(*numbers));
    entry.add("classes_count", int64_t{0});
    out.add("class_params", std::move(entry));
  }
  out.add("params", std::move(parameters));
  return out;
}

}  // namespace

JsonValue write_catboost(const Model& model) {
  check_model(model);
  const std::vector<Feature> features = collect(model);
  JsonValue out;
  out.add("features_info", write_features(model, features));
  out.add("model_info", write_info(model));
  write_trees(model, features, out);
  JsonValue::Array scale_and_bias;
  scale_and_bias.emplace_back(int64_t{1});
  scale_and_bias.emplace_back(JsonValue::Numbers{model.base_scores, 0});
  out.add("scale_and_bias", std::move(scale_and_bias));
  return out;
}

}  // namespace cne::gbdt
