// Models to XGBoost documents.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "gbdt/foreign.h"
#include "gbdt/model_attributes.h"
#include "gbdt/xgboost_file.h"
#include "gbdt/xgboost_objective.h"

namespace cne::gbdt {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kLargest = std::numeric_limits<float>::max();
constexpr double kRootsParent = 2147483647;
constexpr double kMostCategories = 1 << 24;
constexpr double kMostListed = 0x1p53;  // as int64, by a double

[[noreturn]] void refuse(std::string_view what) { cannot_hold("XGBoost", what); }

/// `x <= threshold` for float32 x, as `x < t`; for all numbers but infinity that is the largest.
float condition_above(double threshold) {
  if (threshold >= kLargest) return kLargest;
  auto t = static_cast<float>(threshold);
  if (static_cast<double>(t) > threshold) t = std::nextafter(t, -kInfinity);
  return std::nextafter(t, kInfinity);
}

struct Arrays {
  JsonValue::Numbers base{{}, 'd'}, categories{{}, 'l'}, categories_nodes{{}, 'l'},
      categories_segments{{}, 'L'}, categories_sizes{{}, 'L'}, default_left{{}, 'U'}, left{{}, 'l'},
      gain{{}, 'd'}, parents{{}, 'l'}, right{{}, 'l'}, condition{{}, 'd'}, feature{{}, 'l'},
      split_type{{}, 'U'}, weight{{}, 'd'}, vectors{{}, 'd'};
};

JsonValue text_of(int64_t number) { return JsonValue(std::to_string(number)); }

class TreeWriter {
 public:
  /// `listed` as of listed_features(); it must outlive the writer.
  TreeWriter(const Tree& tree, const std::vector<FeatureInfo>& features,
             const std::vector<uint8_t>& listed)
      : tree_(tree), features_(features), listed_(listed) {}

  /// One output of the tree from `column` on, or with `width` above 1 all of them. XGBoost steps to
  /// the right child as the left one's next, so nodes are numbered by levels, siblings together.
  JsonValue write(size_t id, int width, int column) {
    std::vector<int> order{tree_.nodes.empty() ? ~0 : 0};  // our number of each node
    a_.parents.values.push_back(width > 1 ? -1 : kRootsParent);
    for (size_t i = 0; i < order.size(); ++i) {
      if (order[i] < 0) {
        add_leaf(~order[i], width, column);
        continue;
      }
      const TreeNode& node = tree_.nodes[order[i]];
      const bool swap = node.category_set >= 0 && !node.unknown_left;
      const auto left = static_cast<double>(order.size());
      order.push_back(swap ? node.right : node.left);
      order.push_back(swap ? node.left : node.right);
      a_.parents.values.insert(a_.parents.values.end(), 2, static_cast<double>(i));
      add(left, left + 1, node.gain, node.weight);
      a_.feature.values.push_back(node.feature);
      a_.default_left.values.push_back(node.missing_left != swap ? 1 : 0);
      a_.split_type.values.push_back(node.category_set >= 0 ? 1 : 0);
      a_.condition.values.push_back(node.category_set >= 0 ? 0 : condition_above(node.threshold));
      for (int k = 0; k < width; ++k) a_.base.values.push_back(k == 0 ? node.value : 0);
      if (node.category_set >= 0) add_categories(i, node, swap);
    }
    return finish(id, width);
  }

 private:
  void add(double left, double right, double gain, double weight) {
    a_.left.values.push_back(left);
    a_.right.values.push_back(right);
    a_.gain.values.push_back(gain);
    a_.weight.values.push_back(weight);
  }

  void add_leaf(int leaf, int width, int column) {
    const double* values = &tree_.leaf_values[static_cast<size_t>(leaf) * tree_.width + column];
    const auto place = static_cast<double>(a_.vectors.values.size() / static_cast<size_t>(width));
    add(-1, width > 1 ? place : -1, 0, tree_.leaf_weights[leaf]);
    a_.feature.values.push_back(0);
    a_.default_left.values.push_back(0);
    a_.split_type.values.push_back(0);
    a_.condition.values.push_back(width > 1 ? 0 : values[0]);
    a_.base.values.insert(a_.base.values.end(), values, values + width);
    if (width > 1) a_.vectors.values.insert(a_.vectors.values.end(), values, values + width);
  }

  /// What goes right: the set, or with an unknown category on the left all others.
  void add_categories(size_t i, const TreeNode& node, bool swap) {
    const FeatureInfo& feature = features_[node.feature];
    const CategorySet& set = tree_.category_sets[node.category_set];
    const size_t begin = a_.categories.values.size();
    for (size_t c = 0; c < feature.categories.size(); ++c)
      if (contains(set, static_cast<int64_t>(c)) == swap)
        a_.categories.values.push_back(code_of(feature, listed_[node.feature] != 0, c));
    if (a_.categories.values.size() == begin) a_.categories.values.push_back(unused(node.feature));
    a_.categories_nodes.values.push_back(static_cast<double>(i));
    a_.categories_segments.values.push_back(static_cast<double>(begin));
    a_.categories_sizes.values.push_back(static_cast<double>(a_.categories.values.size() - begin));
    std::sort(a_.categories.values.begin() + static_cast<int64_t>(begin),
              a_.categories.values.end());
  }

  /// A code that no row has: XGBoost does not read an empty set.
  double unused(int32_t f) const {
    double most = 0;
    for (size_t c = 0; c < features_[f].categories.size(); ++c)
      most = std::max(most, code_of(features_[f], listed_[f] != 0, c) + 1.0);
    return most;
  }

  JsonValue finish(size_t id, int width) {
    for (const JsonValue::Numbers* list : {&a_.base, &a_.condition, &a_.weight, &a_.gain})
      for (const double number : list->values)
        if (!std::isfinite(static_cast<float>(number)))
          refuse("a number beyond the range of float32");
    JsonValue out;
    JsonValue parameters;
    const auto count = static_cast<int64_t>(a_.left.values.size());
    parameters.add("num_deleted", "0").add("num_feature", text_of(features_.size()));
    parameters.add("num_nodes", text_of(count)).add("size_leaf_vector", text_of(width));
    out.add("base_weights", std::move(a_.base)).add("categories", std::move(a_.categories));
    out.add("categories_nodes", std::move(a_.categories_nodes));
    out.add("categories_segments", std::move(a_.categories_segments));
    out.add("categories_sizes", std::move(a_.categories_sizes));
    out.add("default_left", std::move(a_.default_left)).add("id", static_cast<int64_t>(id));
    if (width > 1) out.add("leaf_weights", std::move(a_.vectors));
    out.add("left_children", std::move(a_.left)).add("loss_changes", std::move(a_.gain));
    out.add("parents", std::move(a_.parents)).add("right_children", std::move(a_.right));
    out.add("split_conditions", std::move(a_.condition));
    out.add("split_indices", std::move(a_.feature)).add("split_type", std::move(a_.split_type));
    out.add("sum_hessian", std::move(a_.weight)).add("tree_param", std::move(parameters));
    return out;
  }

  const Tree& tree_;
  const std::vector<FeatureInfo>& features_;
  const std::vector<uint8_t>& listed_;
  Arrays a_;
};

void check_categories(const Model& model, size_t f, bool listed) {
  const FeatureInfo& feature = model.features[f];
  const std::string of = " of " + label_of(model, f) + ", which is ";
  for (const std::string& level : feature.levels)
    if (std::any_of(level.begin(), level.end(), [](char c) { return c < 0; }))
      refuse("category \"" + level + "\"" + of + "not ASCII: XGBoost cuts it in data frames");
  const double least = listed ? -kMostListed : 0;
  const double end = listed ? kMostListed : kMostCategories;
  for (const double category : feature.categories)
    if (category != std::floor(category) || category < least || category >= end)
      refuse(message("category ", category, of, "no integer", listed ? "" : " in [0, 2^24)"));
}

void check_model(const Model& model, const std::vector<uint8_t>& listed) {
  if (!model.derived.empty()) refuse("features that are looked up in tables");
  for (size_t f = 0; f < model.features.size(); ++f) {
    if (model.features[f].zero_is_missing) refuse(label_of(model, f) + ", whose zeros are missing");
    check_categories(model, f, listed[f] != 0);
  }
  for (const Tree& tree : model.trees)
    if (!tree.linear.empty()) refuse("linear leaves");
}

/// The categories that data frames are matched with: names or numbers of the features that are
/// listed, nothing of the others, which go by value. Empty when none is.
JsonValue write_encodings(const Model& model, const std::vector<uint8_t>& listed) {
  JsonValue::Array encodings;
  JsonValue::Numbers segments{{}, 'l'};
  JsonValue::Numbers order{{}, 'l'};
  const bool any = std::any_of(listed.begin(), listed.end(), [](uint8_t l) { return l != 0; });
  if (any) segments.values.push_back(0);
  for (size_t f = 0; any && f < model.features.size(); ++f) {
    const FeatureInfo& feature = model.features[f];
    JsonValue encoding;
    JsonValue::Numbers values{{}, 'i'};
    size_t count = feature.levels.size();
    if (count == 0 && listed[f]) count = feature.categories.size();
    std::vector<double> sorted(count);
    for (size_t i = 0; i < count; ++i) sorted[i] = static_cast<double>(i);
    if (!listed[f] || !feature.levels.empty()) {
      JsonValue::Numbers offsets{{}, 'l'};
      if (listed[f]) offsets.values.push_back(0);
      for (const std::string& level : feature.levels) {
        for (const char c : level) values.values.push_back(static_cast<signed char>(c));
        offsets.values.push_back(static_cast<double>(values.values.size()));
      }
      std::stable_sort(sorted.begin(), sorted.end(), [&](double a, double b) {
        return feature.levels[static_cast<size_t>(a)] < feature.levels[static_cast<size_t>(b)];
      });
      encoding.add("offsets", std::move(offsets));
    } else {
      values = {feature.categories, 'L'};
      encoding.add("type", int64_t{15});  // int64 in XGBoost's list of kinds
    }
    encoding.add("values", std::move(values));
    encodings.push_back(std::move(encoding));
    order.values.insert(order.values.end(), sorted.begin(), sorted.end());
    segments.values.push_back(static_cast<double>(order.values.size()));
  }
  JsonValue out;
  out.add("enc", std::move(encodings)).add("feature_segments", std::move(segments));
  out.add("sorted_idx", std::move(order));
  return out;
}

/// The trees with what base_score cannot tell added to the first one of each output.
std::vector<Tree> with_residuals(const Model& model, XgboostLink link, std::string* base_score) {
  std::vector<Tree> trees = model.trees;
  for (int k = 0; k < model.outputs(); ++k) {
    const float score = xgboost_base_score(link, model.base_scores[k]);
    std::array<char, 32> room;
    const auto end = std::to_chars(room.data(), room.data() + room.size(), score).ptr;
    *base_score += (k == 0 ? "[" : ",") + std::string(room.data(), end);
    const double rest = model.base_scores[k] - static_cast<double>(xgboost_margin(link, score));
    if (std::abs(rest) <= 6e-8 * std::abs(model.base_scores[k])) continue;
    auto first = std::find_if(trees.begin(), trees.end(), [&](const Tree& tree) {
      return tree.output <= k && k < tree.output + tree.width;
    });
    if (first == trees.end()) {
      Tree stump;
      stump.leaf_values = {0.0};
      stump.leaf_weights = {0.0};
      stump.leaf_rows = {0};
      stump.output = k;
      first = trees.insert(trees.end(), stump);
    }
    for (int leaf = 0; leaf < first->leaves(); ++leaf)
      first->leaf_values[static_cast<size_t>(leaf) * first->width + (k - first->output)] += rest;
  }
  *base_score += "]";
  return trees;
}

JsonValue write_trees(const std::vector<Tree>& trees, const Model& model,
                      const std::vector<uint8_t>& listed) {
  const int outputs = model.outputs();
  const bool vectors =
      outputs > 1 && !trees.empty() &&
      std::all_of(trees.begin(), trees.end(), [&](const Tree& t) { return t.width == outputs; });
  JsonValue::Array written;
  JsonValue::Numbers info;
  JsonValue::Numbers begins{{0}, 0};
  bool in_turn = true;  // one tree for each output a round
  for (const Tree& tree : trees) {
    for (int k = 0; k < (vectors ? 1 : tree.width); ++k) {
      const auto output = static_cast<size_t>(vectors ? 0 : tree.output + k);
      in_turn &= output == written.size() % static_cast<size_t>(outputs);
      TreeWriter writer(tree, model.features, listed);
      written.push_back(writer.write(written.size(), vectors ? outputs : 1, vectors ? 0 : k));
      info.values.push_back(static_cast<double>(output));
    }
  }
  const size_t step = in_turn && !vectors && written.size() % static_cast<size_t>(outputs) == 0
                          ? static_cast<size_t>(outputs)
                          : 1;
  for (size_t at = step; at <= written.size(); at += step)
    begins.values.push_back(static_cast<double>(at));
  JsonValue parameters;
  parameters.add("num_parallel_tree", "1").add("num_trees", text_of(written.size()));
  JsonValue out;
  out.add("cats", write_encodings(model, listed)).add("gbtree_model_param", std::move(parameters));
  out.add("iteration_indptr", std::move(begins)).add("tree_info", std::move(info));
  out.add("trees", std::move(written));
  return out;
}

JsonValue write_feature_lists(const Model& model, JsonValue learner) {
  JsonValue::Array names;
  JsonValue::Array types;
  bool named = true;
  bool categories = false;
  for (const FeatureInfo& feature : model.features) {
    names.emplace_back(feature.name);
    types.emplace_back(feature.categorical ? "c" : "float");
    named &= !feature.name.empty();
    categories |= feature.categorical;
  }
  learner.add("feature_names", named ? std::move(names) : JsonValue::Array{});
  learner.add("feature_types", named || categories ? std::move(types) : JsonValue::Array{});
  return learner;
}

}  // namespace

JsonValue write_xgboost(const Model& model) {
  const std::vector<uint8_t> listed = listed_features(model, "XGBoost");
  check_model(model, listed);
  XgboostLink link{};
  JsonValue objective = write_xgboost_objective(model.objective, &link);
  if (model.objective.kind == Objective::kMulticlass && predicts_classes(model))
    objective = with_member(objective, "name", JsonValue("multi:softmax"));
  std::string base_score;
  const std::vector<Tree> trees = with_residuals(model, link, &base_score);

  const bool multiclass = model.objective.kind == Objective::kMulticlass;
  JsonValue parameters;
  parameters.add("base_score", base_score).add("boost_from_average", "1");
  parameters.add("num_class", text_of(multiclass ? model.outputs() : 0));
  parameters.add("num_feature", text_of(model.features.size()));
  parameters.add("num_target", text_of(multiclass ? 1 : model.outputs()));
  JsonValue booster;
  booster.add("model", write_trees(trees, model, listed)).add("name", "gbtree");
  JsonValue learner;
  JsonValue attributes{JsonValue::Object{}};
  if (!classes_of(model).is_null()) attributes.add("cnengine", model.attributes);
  learner.add("attributes", std::move(attributes));
  learner = write_feature_lists(model, std::move(learner));
  learner.add("gradient_booster", std::move(booster));
  learner.add("learner_model_param", std::move(parameters)).add("objective", std::move(objective));
  JsonValue out;
  out.add("learner", std::move(learner)).add("version", JsonValue::Numbers{{3, 2, 0}, 0});
  return out;
}

}  // namespace cne::gbdt
