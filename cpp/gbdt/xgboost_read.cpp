// XGBoost documents to models.

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "gbdt/model_attributes.h"
#include "gbdt/xgboost_file.h"
#include "gbdt/xgboost_objective.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kMaxCategory = 1 << 24;  // XGBoost's: a float32 tells them apart

/// The arrays of one tree, one entry for each of its nodes.
struct NodeArrays {
  std::vector<int64_t> left, right, feature;
  std::vector<double> condition, missing_left, categorical, gain, weight;
  std::vector<double> vectors;                        // leaf values of several outputs
  std::map<int64_t, std::vector<double>> categories;  // of a node: what goes right
  int width = 1;
  bool vectors_by_leaf = false;  // else by node
};

void read_categories(const DocumentPart& tree, NodeArrays& out) {
  if (!tree.has("categories_nodes")) return;
  const auto nodes = tree.at("categories_nodes").integers(0, INT32_MAX);
  const auto begins = tree.at("categories_segments").integers(0, INT64_MAX);
  const auto sizes = tree.at("categories_sizes").integers(0, INT64_MAX);
  const std::vector<double> all = tree.at("categories").numbers();
  if (begins.size() != nodes.size() || sizes.size() != nodes.size())
    tree.broken("the categories' lists differ in length");
  const auto most = static_cast<int64_t>(all.size());
  int64_t total = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (begins[i] > most || sizes[i] > most - begins[i] || (total += sizes[i]) > most)
      tree.broken("a segment of categories is out of range");
    const auto first = all.begin() + begins[i];
    out.categories[nodes[i]] = std::vector<double>(first, first + sizes[i]);
  }
  for (const double category : all)
    if (category < 0 || category >= kMaxCategory || category != std::floor(category))
      tree.broken("a category is not in [0, 2^24)");
}

NodeArrays read_arrays(const DocumentPart& tree, int features) {
  NodeArrays out;
  out.left = tree.at("left_children").integers(-1, INT32_MAX);
  const size_t n = out.left.size();
  out.right = tree.at("right_children").integers(-1, INT32_MAX);
  out.feature = tree.at("split_indices").integers(0, std::numeric_limits<uint32_t>::max());
  out.condition = tree.at("split_conditions").numbers(n);
  out.missing_left = tree.at("default_left").numbers(n);
  out.gain = tree.at("loss_changes").numbers(n);
  out.weight = tree.at("sum_hessian").numbers(n);
  if (n == 0 || out.right.size() != n || out.feature.size() != n)
    tree.broken("the nodes' lists differ in length");
  if (tree.has("split_type")) out.categorical = tree.at("split_type").numbers(n);
  out.categorical.resize(n);
  read_categories(tree, out);
  const DocumentPart parameters = tree.at("tree_param");
  if (parameters.has("size_leaf_vector"))
    out.width = static_cast<int>(parameters.at("size_leaf_vector").integer(0, INT32_MAX));
  if (out.width > 1) {
    out.vectors_by_leaf = tree.has("leaf_weights");
    out.vectors = tree.at(out.vectors_by_leaf ? "leaf_weights" : "base_weights").numbers();
  }
  out.width = std::max(out.width, 1);
  for (size_t i = 0; i < n; ++i)
    if (out.left[i] >= 0 && out.feature[i] >= features)
      tree.broken("a feature number is out of range");
  return out;
}

/// `x < t` for float32 x, as `x <= threshold`.
double threshold_below(double condition) {
  const auto t = static_cast<float>(condition);
  return std::nextafter(t, -std::numeric_limits<float>::infinity());
}

class TreeReader {
 public:
  TreeReader(const DocumentPart& part, const NodeArrays& arrays, float factor,
             CategoryTable& categories)
      : part_(part), arrays_(arrays), factor_(factor), categories_(categories) {}

  Tree read(int output) {
    tree_.output = output;
    tree_.width = arrays_.width;
    visited_.resize(arrays_.left.size());
    std::vector<Pending> stack{{0, -1, false}};
    while (!stack.empty()) {
      const Pending now = stack.back();
      stack.pop_back();
      if (now.node < 0 || now.node >= static_cast<int64_t>(visited_.size()))
        part_.broken("a child number is out of range");
      if (visited_[now.node]++ != 0) part_.broken("a node has two parents");
      const bool leaf = arrays_.left[now.node] < 0;
      const int here = leaf ? ~add_leaf(now.node) : static_cast<int>(tree_.nodes.size());
      if (now.parent >= 0)
        (now.is_left ? tree_.nodes[now.parent].left : tree_.nodes[now.parent].right) = here;
      if (leaf) continue;
      const bool swap = add_node(now.node);
      int64_t left = arrays_.left[now.node];
      int64_t right = arrays_.right[now.node];
      if (swap) std::swap(left, right);
      stack.push_back({right, here, false});
      stack.push_back({left, here, true});
    }
    fill_node_values(tree_);
    return std::move(tree_);
  }

 private:
  struct Pending {
    int64_t node;
    int parent;
    bool is_left;
  };

  /// True when the children change sides: XGBoost sends a set right and the rest left.
  bool add_node(int64_t i) {
    TreeNode node;
    node.feature = static_cast<int32_t>(arrays_.feature[i]);
    node.gain = static_cast<float>(arrays_.gain[i]);
    node.weight = static_cast<float>(arrays_.weight[i]);
    node.missing_left = arrays_.missing_left[i] != 0;
    const bool categorical = arrays_.categorical[i] != 0;
    if (categorical) {
      const auto found = arrays_.categories.find(i);
      if (found == arrays_.categories.end()) part_.broken("a categorical split has no categories");
      node.missing_left = !node.missing_left;
      node.category_set = static_cast<int32_t>(tree_.category_sets.size());
      tree_.category_sets.push_back(categories_.make_set(arrays_.feature[i], found->second));
    } else {
      node.threshold = threshold_below(arrays_.condition[i]);
    }
    tree_.nodes.push_back(node);
    return categorical;
  }

  int add_leaf(int64_t i) {
    const int width = arrays_.width;
    if (width == 1) {
      tree_.leaf_values.push_back(static_cast<float>(arrays_.condition[i]) * factor_);
    } else {
      const int64_t at = arrays_.vectors_by_leaf ? arrays_.right[i] : i;
      if (at < 0 || at >= static_cast<int64_t>(arrays_.vectors.size()) / width)
        part_.broken("a leaf has no values");
      for (int k = 0; k < width; ++k)
        tree_.leaf_values.push_back(static_cast<float>(arrays_.vectors[at * width + k]) * factor_);
    }
    tree_.leaf_weights.push_back(static_cast<float>(arrays_.weight[i]));
    tree_.leaf_rows.push_back(0);
    return static_cast<int>(tree_.leaf_weights.size()) - 1;
  }

  const DocumentPart& part_;
  const NodeArrays& arrays_;
  float factor_;
  CategoryTable& categories_;
  Tree tree_;
  std::vector<uint8_t> visited_;
};

/// The categories that a data frame had at training. Text becomes levels; for numbers `values` says
/// what each code of the splits stands for.
void read_encoding(const DocumentPart& encoding, FeatureInfo& feature,
                   std::vector<double>& values) {
  if (!encoding.has("offsets")) {
    values = encoding.at("values").numbers();
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
      encoding.broken("a category is there twice");
    return;
  }
  const auto offsets = encoding.at("offsets").integers(0, INT32_MAX);
  std::string bytes;
  for (const int64_t byte : encoding.at("values").integers(-128, 255)) {
    // XGBoost counts characters where it should count bytes when it takes text from pandas; a text
    // that was cut so cannot be told from a whole one.
    if (byte < 0 || byte > 127)
      encoding.source().unsupported("categories that are not ASCII, which it cuts if from pandas");
    bytes.push_back(static_cast<char>(byte));
  }
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    if (offsets[i + 1] < offsets[i] || offsets[i + 1] > static_cast<int64_t>(bytes.size()))
      encoding.broken("an offset is out of range");
    feature.levels.push_back(bytes.substr(offsets[i], offsets[i + 1] - offsets[i]));
  }
}

std::vector<FeatureInfo> read_features(const DocumentPart& learner, int count) {
  std::vector<FeatureInfo> out(static_cast<size_t>(count));
  const auto texts = [&](const char* name) {
    std::vector<std::string> list;
    if (learner.has(name)) list = learner.at(name).texts();
    if (!list.empty() && list.size() != out.size())
      learner.at(name).broken("the list does not fit the number of features");
    list.resize(out.size());
    return list;
  };
  const std::vector<std::string> names = texts("feature_names");
  const std::vector<std::string> types = texts("feature_types");
  for (size_t i = 0; i < out.size(); ++i) {
    out[i].name = names[i];
    out[i].categorical = types[i] == "c";
  }
  return out;
}

std::vector<double> read_base_scores(const DocumentPart& parameters, XgboostLink link,
                                     int outputs) {
  const DocumentPart part = parameters.at("base_score");
  const std::string* text = part.value().text();
  std::vector<double> scores;
  if (text != nullptr && !text->empty() && (*text)[0] == '[') {
    const JsonValue list = parse_json(*text, part.source().function);
    scores = DocumentPart(list, "base_score", part.source()).numbers();
  } else {
    scores = {part.number()};
  }
  if (scores.size() == 1) scores.resize(static_cast<size_t>(outputs), scores[0]);
  if (static_cast<int>(scores.size()) != outputs)
    part.broken("the base scores do not fit the number of outputs");
  for (double& score : scores) {
    score = xgboost_margin(link, static_cast<float>(score));
    if (std::isnan(score)) part.broken("a base score is out of range");
  }
  return scores;
}

class ModelReader {
 public:
  ModelReader(const DocumentPart& learner, const ForeignSource& source)
      : learner_(learner), source_(source) {}

  Model read() {
    const DocumentPart parameters = learner_.at("learner_model_param");
    const auto count = [&](const char* name) {
      return parameters.has(name)
                 ? source_.check_count(parameters.at(name).integer(0, INT32_MAX), name)
                 : 0;
    };
    const XgboostObjective objective =
        read_xgboost_objective(learner_.at("objective"), count("num_class"), count("num_target"));
    model_.objective = objective.options;
    model_.float32_inputs = true;
    model_.float32_sums = true;
    const int outputs = source_.check_count(output_count(model_.objective), "outputs");
    model_.base_scores = read_base_scores(parameters, objective.link, outputs);
    model_.features = read_features(learner_, count("num_feature"));
    read_booster(learner_.at("gradient_booster"));
    read_attributes();
    return std::move(model_);
  }

 private:
  void read_booster(const DocumentPart& booster) {
    const std::string name = booster.at("name").text();
    if (name != "gbtree" && name != "dart") source_.unsupported("booster \"" + name + "\"");
    const bool dart = name == "dart";
    const DocumentPart model = dart ? booster.at("gbtree").at("model") : booster.at("model");
    const DocumentPart trees = model.at("trees");
    const size_t count = trees.size();
    const DocumentPart parameters = model.at("gbtree_model_param");
    if (parameters.has("num_parallel_tree"))
      parallel_ = std::max<int64_t>(1, parameters.at("num_parallel_tree").integer(0, INT32_MAX));
    const auto info = model.at("tree_info").integers(0, INT32_MAX);
    if (info.size() != count) model.broken("the list tree_info does not fit the trees");
    const std::vector<double> factors =
        dart ? booster.at("weight_drop").numbers(count) : std::vector<double>(count, 1.0);
    read_encodings(model);
    std::vector<NodeArrays> arrays;
    for (size_t t = 0; t < count; ++t) {
      arrays.push_back(read_arrays(trees.item(t), static_cast<int>(model_.features.size())));
      note_categories(trees.item(t), arrays.back());
    }
    categories_.finish(model_.features);
    for (size_t t = 0; t < count; ++t) {
      const DocumentPart part = trees.item(t);
      const int output = arrays[t].width > 1 ? 0 : static_cast<int>(info[t]);
      if (output + arrays[t].width > model_.outputs()) part.broken("an output is out of range");
      TreeReader reader(part, arrays[t], static_cast<float>(factors[t]), categories_);
      model_.trees.push_back(reader.read(output));
    }
  }

  void read_encodings(const DocumentPart& model) {
    values_.resize(model_.features.size());
    categories_ = CategoryTable(model_.features.size(), source_);
    if (!model.has("cats") || !model.at("cats").has("enc")) return;
    const DocumentPart encodings = model.at("cats").at("enc");
    const size_t count = encodings.size();
    if (count != 0 && count != model_.features.size())
      encodings.broken("the list does not fit the number of features");
    for (size_t f = 0; f < count; ++f) {
      FeatureInfo& feature = model_.features[f];
      read_encoding(encodings.item(f), feature, values_[f]);
      if (!feature.categorical && !(feature.levels.empty() && values_[f].empty()))
        encodings.item(f).broken("a feature that is no category has some");
      for (size_t code = 0; code < feature.levels.size(); ++code)
        categories_.add(f, static_cast<double>(code));
      for (const double value : values_[f]) categories_.add(f, value);
    }
  }

  /// The categories of a tree's splits, from codes to what the features hold.
  void note_categories(const DocumentPart& part, NodeArrays& arrays) {
    for (auto& [node, codes] : arrays.categories) {
      if (node >= static_cast<int64_t>(arrays.left.size())) part.broken("a node is out of range");
      if (arrays.left[node] < 0 || arrays.categorical[node] == 0) continue;
      const auto f = static_cast<size_t>(arrays.feature[node]);
      for (double& code : codes) {
        const size_t known =
            values_[f].empty() ? model_.features[f].levels.size() : values_[f].size();
        if (known > 0 && code >= static_cast<double>(known))
          part.broken("a category is not in the list of its feature");
        if (!values_[f].empty()) code = values_[f][static_cast<size_t>(code)];
        categories_.add(f, code);
      }
    }
    for (size_t i = 0; i < arrays.left.size(); ++i) {
      if (arrays.left[i] < 0) continue;
      FeatureInfo& feature = model_.features[arrays.feature[i]];
      if (arrays.categorical[i] != 0) feature.categorical = true;
    }
  }

  /// The round, from 0, that is best: where `parallel_` trees make one there, they are as many
  /// here.
  int64_t best_round(const DocumentPart& part) const {
    return (part.integer(0, INT32_MAX) + 1) * parallel_ - 1;
  }

  void read_attributes() {
    JsonValue attributes = foreign_attributes(model_.objective);
    if (learner_.at("objective").at("name").text() == "multi:softmax")
      attributes.add("predicts", "class");
    if (learner_.has("attributes")) {
      const DocumentPart there = learner_.at("attributes");
      if (there.has("cnengine"))
        attributes = parse_json(there.at("cnengine").text(), source_.function);
      if (there.has("best_iteration") && attributes.object() != nullptr &&
          attributes.find("best_iteration") == nullptr)
        attributes.add("best_iteration", best_round(there.at("best_iteration")));
    }
    JsonValue::Numbers columns;  // whose numbers are codes of what data frames held
    for (size_t f = 0; f < values_.size(); ++f)
      if (!values_[f].empty()) columns.values.push_back(static_cast<double>(f));
    if (!columns.values.empty() && attributes.object() != nullptr)
      attributes = with_member(attributes, "category_columns", JsonValue(std::move(columns)));
    model_.attributes = to_attributes(attributes);
  }

  const DocumentPart& learner_;
  const ForeignSource& source_;
  Model model_;
  CategoryTable categories_{0, source_};
  std::vector<std::vector<double>> values_;
  int64_t parallel_ = 1;  // trees of an output and round
};

}  // namespace

Model read_xgboost(const JsonValue& document, size_t bytes, const char* function) {
  const ForeignSource source{function, "XGBoost", bytes};
  const DocumentPart learner = DocumentPart(document, "", source).at("learner");
  return ModelReader(learner, source).read();
}

}  // namespace cne::gbdt
