// Models to LightGBM's text.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "gbdt/foreign.h"
#include "gbdt/lightgbm_file.h"
#include "gbdt/lightgbm_objective.h"
#include "gbdt/model_attributes.h"

namespace cne::gbdt {

namespace {

constexpr double kMostCategories = 1 << 22;  // each set is a bit set written out

[[noreturn]] void refuse(std::string_view what) { cannot_hold("LightGBM", what); }

void put(std::string& out, double value) {
  char room[32];
  out.append(room, std::to_chars(room, room + sizeof room, value).ptr);
}

/// A line `key=a b c`.
template <typename Get>
void put_line(std::string& out, const char* key, size_t count, const Get& get) {
  out += key;
  out += '=';
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) out += ' ';
    put(out, static_cast<double>(get(i)));
  }
  out += '\n';
}

void put_all(std::string& out, const char* key, const std::vector<double>& values) {
  put_line(out, key, values.size(), [&](size_t i) { return values[i]; });
}

/// One output of a tree as the trees of LightGBM are: the leaves' values alone.
struct ScalarTree {
  const Tree* tree = nullptr;  // null: a tree of one leaf
  int column = 0;
  double add = 0;  // to each leaf: the base score

  double leaf_value(size_t leaf) const {
    return tree == nullptr ? add : tree->leaf_values[leaf * tree->width + column] + add;
  }
};

class TreeWriter {
 public:
  /// `listed` as of listed_features(); both must outlive the writer.
  TreeWriter(const Model& model, const std::vector<uint8_t>& listed)
      : model_(model), listed_(listed) {}

  std::string write(const ScalarTree& scalar, size_t number) {
    out_ = message("Tree=", number, "\n");
    static const std::vector<TreeNode> kNone;
    const std::vector<TreeNode>& nodes = scalar.tree != nullptr ? scalar.tree->nodes : kNone;
    const size_t n = nodes.size();
    std::vector<double> decision(n), threshold(n), left(n), right(n);
    boundaries_ = {0};
    words_.clear();
    for (size_t i = 0; i < n; ++i) {
      const TreeNode& node = nodes[i];
      const bool swap = node.category_set >= 0 && node.unknown_left;
      left[i] = swap ? node.right : node.left;
      right[i] = swap ? node.left : node.right;
      if (node.category_set >= 0) {
        threshold[i] = static_cast<double>(boundaries_.size() - 1);
        decision[i] = 1;
        add_set(node, scalar.tree->category_sets[node.category_set], swap);
      } else {
        threshold[i] = threshold_of(node.threshold);
        const bool zero = model_.features[node.feature].zero_is_missing;
        decision[i] = (zero ? 4 : 8) + (node.missing_left ? 2 : 0);
      }
    }
    put_line(out_, "num_leaves", 1, [&](size_t) { return n + 1; });
    put_line(out_, "num_cat", 1, [&](size_t) { return boundaries_.size() - 1; });
    put_line(out_, "split_feature", n, [&](size_t i) { return nodes[i].feature; });
    put_line(out_, "split_gain", n, [&](size_t i) { return nodes[i].gain; });
    put_all(out_, "threshold", threshold);
    put_all(out_, "decision_type", decision);
    put_all(out_, "left_child", left);
    put_all(out_, "right_child", right);
    put_line(out_, "leaf_value", n + 1, [&](size_t i) { return scalar.leaf_value(i); });
    put_line(out_, "leaf_weight", n > 0 ? n + 1 : 0,
             [&](size_t i) { return scalar.tree->leaf_weights[i]; });
    put_line(out_, "leaf_count", n > 0 ? n + 1 : 0,
             [&](size_t i) { return scalar.tree->leaf_rows[i]; });
    put_line(out_, "internal_value", n, [&](size_t i) { return nodes[i].value + scalar.add; });
    put_line(out_, "internal_weight", n, [&](size_t i) { return nodes[i].weight; });
    put_line(out_, "internal_count", n, [&](size_t i) { return nodes[i].rows; });
    if (boundaries_.size() > 1) {
      put_all(out_, "cat_boundaries", boundaries_);
      put_line(out_, "cat_threshold", words_.size(), [&](size_t i) { return words_[i]; });
    }
    put_linear(scalar);
    out_ += "shrinkage=1\n\n\n";
    return std::move(out_);
  }

 private:
  /// A model that rounds its inputs to float32 compares them as if the threshold lay half way to
  /// the next float32; ties are rounded to the even one.
  double threshold_of(double threshold) const {
    constexpr double kLargest = std::numeric_limits<double>::max();
    if (!model_.float32_inputs || std::isinf(threshold))
      return std::clamp(threshold, -kLargest, kLargest);
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    auto below = static_cast<float>(threshold);
    if (static_cast<double>(below) > threshold) below = std::nextafter(below, -kInfinity);
    const float above = std::nextafter(below, kInfinity);
    if (std::isinf(above) || std::isinf(below)) return threshold;
    const double middle = (static_cast<double>(below) + static_cast<double>(above)) / 2;
    const bool ties_below = static_cast<float>(middle) == below;
    return ties_below ? middle : std::nextafter(middle, -kLargest);
  }

  /// What goes left in LightGBM, where unknown and missing categories go right.
  void add_set(const TreeNode& node, const CategorySet& set, bool swap) {
    if (node.missing_left != node.unknown_left)
      refuse("a split that sends missing and unknown categories different ways");
    const FeatureInfo& feature = model_.features[node.feature];
    std::vector<uint32_t> words;
    for (size_t c = 0; c < feature.categories.size(); ++c) {
      if (contains(set, static_cast<int64_t>(c)) == swap) continue;
      const auto code = static_cast<size_t>(code_of(feature, listed_[node.feature] != 0, c));
      if (code / 32 >= words.size()) words.resize(code / 32 + 1);
      words[code / 32] |= uint32_t{1} << (code % 32);
    }
    if (words.empty()) words.push_back(0);
    words_.insert(words_.end(), words.begin(), words.end());
    boundaries_.push_back(static_cast<double>(words_.size()));
  }

  void put_linear(const ScalarTree& scalar) {
    const bool linear = scalar.tree != nullptr && !scalar.tree->linear.empty();
    out_ += linear ? "is_linear=1\n" : "is_linear=0\n";
    if (!linear) return;
    const LinearLeaves& l = scalar.tree->linear;
    const size_t leaves = l.constants.size();
    put_line(out_, "leaf_const", leaves, [&](size_t i) { return l.constants[i] + scalar.add; });
    put_line(out_, "num_features", leaves, [&](size_t i) { return l.begin[i + 1] - l.begin[i]; });
    put_line(out_, "leaf_features", l.features.size(), [&](size_t i) { return l.features[i]; });
    put_all(out_, "leaf_coeff", l.coefficients);
  }

  const Model& model_;
  const std::vector<uint8_t>& listed_;
  std::string out_;
  std::vector<double> boundaries_;
  std::vector<uint32_t> words_;
};

void check_categories(const Model& model, size_t f, bool listed) {
  const std::vector<double>& categories = model.features[f].categories;
  if (listed) {
    if (static_cast<double>(categories.size()) > kMostCategories)
      refuse("more than 2^22 categories of " + label_of(model, f));
    return;  // whatever they are, they have codes
  }
  for (const double category : categories)
    if (category != std::floor(category) || category < 0 || category >= kMostCategories)
      refuse(message("category ", category, " of ", label_of(model, f),
                     ", which is no integer in [0, 2^22)"));
}

void check_model(const Model& model, const std::vector<uint8_t>& listed) {
  if (!model.derived.empty()) refuse("features that are looked up in tables");
  for (size_t f = 0; f < model.features.size(); ++f) check_categories(model, f, listed[f] != 0);
  for (const Tree& tree : model.trees)
    for (const int32_t f : tree.linear.features)
      if (model.features[f].zero_is_missing || model.features[f].categorical)
        refuse("linear leaves of a feature that is categorical or misses its zeros");
}

/// The trees in LightGBM's order: one for each output in turn, with the base score in the first.
std::vector<ScalarTree> in_turn(const Model& model) {
  const auto outputs = static_cast<size_t>(model.outputs());
  std::vector<std::vector<ScalarTree>> lists(outputs);
  for (const Tree& tree : model.trees)
    for (int k = 0; k < tree.width; ++k) lists[tree.output + k].push_back({&tree, k, 0});
  size_t rounds = 0;
  for (size_t k = 0; k < outputs; ++k) {
    if (lists[k].empty()) lists[k].emplace_back();
    lists[k][0].add = model.base_scores[k];
    rounds = std::max(rounds, lists[k].size());
  }
  std::vector<ScalarTree> out;
  for (size_t round = 0; round < rounds; ++round)
    for (size_t k = 0; k < outputs; ++k)
      out.push_back(round < lists[k].size() ? lists[k][round] : ScalarTree());
  return out;
}

std::string feature_names(const Model& model) {
  std::string out;
  const bool named = std::all_of(model.features.begin(), model.features.end(),
                                 [](const FeatureInfo& f) { return !f.name.empty(); });
  for (size_t i = 0; i < model.features.size(); ++i) {
    const std::string& name = model.features[i].name;
    if (named && name.find_first_of(" \t\r\n") != std::string::npos)
      refuse(message("a feature name with white space, \"", name, "\""));
    if (i > 0) out += ' ';
    out += named ? name : message("Column_", i);
  }
  return out;
}

/// The range of each number and the codes of each category, as far as the trees tell.
std::string feature_infos(const Model& model, const std::vector<uint8_t>& listed) {
  std::vector<double> low(model.features.size(), 1.0);
  std::vector<double> high(model.features.size(), 0.0);
  for (const Tree& tree : model.trees) {
    for (const TreeNode& node : tree.nodes) {
      if (node.category_set >= 0 || std::isinf(node.threshold)) continue;
      double& least = low[node.feature];
      double& most = high[node.feature];
      const bool first = least > most;
      least = first ? node.threshold : std::min(least, node.threshold);
      most = first ? node.threshold : std::max(most, node.threshold);
    }
  }
  std::string out;
  for (size_t f = 0; f < model.features.size(); ++f) {
    const FeatureInfo& feature = model.features[f];
    if (f > 0) out += ' ';
    const size_t begin = out.size();
    for (size_t c = 0; c < feature.categories.size(); ++c) {
      if (c > 0) out += ':';
      put(out, code_of(feature, listed[f] != 0, c));
    }
    if (!feature.categorical && low[f] <= high[f]) {
      out += '[';
      put(out, low[f]);
      out += ':';
      put(out, high[f]);
      out += ']';
    }
    if (out.size() == begin) out += "none";
  }
  return out;
}

/// The last line: the categories that pandas' codes stand for.
std::string pandas_categorical(const Model& model, const std::vector<uint8_t>& listed) {
  JsonValue::Array lists;
  for (size_t f = 0; f < model.features.size(); ++f) {
    if (!listed[f]) continue;
    const FeatureInfo& feature = model.features[f];
    if (feature.levels.empty()) {
      lists.emplace_back(JsonValue::Numbers{feature.categories, 0});
      continue;
    }
    JsonValue::Array names;
    for (const std::string& level : feature.levels) names.emplace_back(level);
    lists.emplace_back(std::move(names));
  }
  if (lists.empty()) return "null";
  ByteBuffer out;
  write_json(JsonValue(std::move(lists)), out);
  return std::string(out.view());
}

/// A line of ours, which LightGBM passes over: what the model's attributes say beside the numbers
/// of classes, and which features have a list in the last line.
std::string attributes_line(const Model& model, const std::vector<uint8_t>& listed) {
  JsonValue attributes = attributes_of(model);
  JsonValue::Numbers columns;
  for (size_t f = 0; f < listed.size(); ++f)
    if (listed[f]) columns.values.push_back(static_cast<double>(f));
  if (!columns.values.empty())
    attributes = with_member(attributes, "category_columns", JsonValue(std::move(columns)));
  std::string text = to_attributes(attributes);
  if (text == to_attributes(foreign_attributes(model.objective)) || text == "{}") return "";
  return "cnengine:" + text + "\n";
}

std::string categorical_numbers(const Model& model) {
  std::string out;
  for (size_t f = 0; f < model.features.size(); ++f)
    if (model.features[f].categorical) out += message(out.empty() ? "" : ",", f);
  return out;
}

}  // namespace

std::string write_lightgbm(const Model& model) {
  const std::vector<uint8_t> listed = listed_features(model, "LightGBM");
  check_model(model, listed);
  const std::string objective = write_lightgbm_objective(model.objective);
  std::vector<std::string> trees;
  for (const ScalarTree& tree : in_turn(model))
    trees.push_back(TreeWriter(model, listed).write(tree, trees.size()));

  const int outputs = model.outputs();
  std::string out =
      message("tree\nversion=v4\nnum_class=", outputs, "\nnum_tree_per_iteration=", outputs,
              "\nlabel_index=0\n",
              "max_feature_idx=", static_cast<int64_t>(model.features.size()) - 1, "\n");
  if (!objective.empty()) out += "objective=" + objective + "\n";
  out += "feature_names=" + feature_names(model) + "\n";
  out += "feature_infos=" + feature_infos(model, listed) + "\n";
  put_line(out, "tree_sizes", trees.size(), [&](size_t i) { return trees[i].size(); });
  out += "\n";
  for (const std::string& tree : trees) out += tree;
  out += "end of trees\n\nparameters:\n";
  out += "[categorical_feature: " + categorical_numbers(model) + "]\n";
  out += "end of parameters\n\n" + attributes_line(model, listed);
  out += "pandas_categorical:" + pandas_categorical(model, listed) + "\n";
  return out;
}

}  // namespace cne::gbdt
