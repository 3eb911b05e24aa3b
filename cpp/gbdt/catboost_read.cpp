// CatBoost documents to models.

#include <algorithm>
#include <cmath>
#include <map>

#include "core/error.h"
#include "gbdt/catboost_ctr.h"
#include "gbdt/catboost_file.h"
#include "gbdt/catboost_objective.h"
#include "gbdt/model_attributes.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kMaxDepth = 16;  // CatBoost's

/// A split, its feature found: numbers above the threshold, or the one category, go to CatBoost's
/// right.
struct Split {
  int32_t feature = 0;
  double threshold = 0;
  bool missing_left = false;
  bool categorical = false;
  double category = 0;
};

struct NumericFeature {
  int32_t flat = 0;
  bool missing_left = true;
};

struct CategoryFeature {
  int32_t flat = 0;
  std::map<int64_t, double> codes;  // of CatBoost's hashes: what the feature holds
};

/// Weights are known of leaves alone: those of nodes are sums.
void sum_weights(Tree& tree) {
  for (size_t i = tree.nodes.size(); i-- > 0;)
    for (const int32_t child : {tree.nodes[i].left, tree.nodes[i].right})
      tree.nodes[i].weight += child < 0 ? tree.leaf_weights[~child] : tree.nodes[child].weight;
}

class ModelReader {
 public:
  ModelReader(const DocumentPart& document, const ForeignSource& source)
      : document_(document), source_(source), ctrs_(document) {}

  Model read() {
    model_.float32_inputs = true;
    read_features(document_.at("features_info"));
    read_bias();
    categories_.finish(model_.features);
    const bool symmetric = document_.has("oblivious_trees");
    const DocumentPart trees = document_.at(symmetric ? "oblivious_trees" : "trees");
    const size_t count = trees.value().is_null() ? 0 : trees.size();
    for (size_t t = 0; t < count; ++t) {
      const DocumentPart tree = trees.item(t);
      tree_ = Tree();
      tree_.width = outputs();
      if (symmetric)
        read_symmetric(tree);
      else
        read_branch(tree);
      sum_weights(tree_);
      fill_node_values(tree_);
      model_.trees.push_back(std::move(tree_));
    }
    model_.objective = read_catboost_objective(document_, outputs());
    read_attributes();
    return std::move(model_);
  }

 private:
  int outputs() const { return model_.outputs(); }

  FeatureInfo& add_feature(const DocumentPart& part, int32_t* flat) {
    const int64_t index = part.at("flat_feature_index").integer(0, INT32_MAX - 1);
    source_.check_count(index + 1, "features");
    if (index >= static_cast<int64_t>(model_.features.size())) {
      model_.features.resize(static_cast<size_t>(index) + 1);
      seen_.resize(model_.features.size());
    }
    if (seen_[static_cast<size_t>(index)]) part.broken("a feature is there twice");
    seen_[static_cast<size_t>(index)] = true;
    *flat = static_cast<int32_t>(index);
    FeatureInfo& out = model_.features[static_cast<size_t>(index)];
    for (const char* name : {"feature_id", "feature_name"})
      if (part.has(name)) out.name = part.at(name).text();
    return out;
  }

  void read_features(const DocumentPart& info) {
    for (const char* kind : {"text_features", "embedding_features"})
      if (info.has(kind) && !info.at(kind).value().is_null() && info.at(kind).size() > 0)
        source_.unsupported(kind);
    const auto list = [&](const char* name) {
      return info.has(name) && !info.at(name).value().is_null() ? info.at(name).size() : 0;
    };
    for (size_t i = 0; i < list("float_features"); ++i) {
      const DocumentPart part = info.at("float_features").item(i);
      NumericFeature feature;
      add_feature(part, &feature.flat);
      if (part.has("nan_value_treatment"))
        feature.missing_left = part.at("nan_value_treatment").text() != "AsTrue";
      numeric_[part.at("feature_index").integer(0, INT32_MAX)] = feature;
      if (part.has("borders")) float_borders_ += static_cast<int64_t>(part.at("borders").size());
    }
    read_texts(info);
    std::set<int32_t> known;
    for (const auto& [hash, text] : texts_) known.insert(hash);
    const HashSets looked_up = ctrs_.find_hashes(known);
    for (size_t i = 0; i < list("categorical_features"); ++i)
      read_category(info.at("categorical_features").item(i), looked_up);
    guess_unused();
    categories_ = CategoryTable(model_.features.size(), source_);
    for (const auto& [index, feature] : category_)
      for (const auto& [hash, code] : feature.codes)
        categories_.add(static_cast<size_t>(feature.flat), code);
    const bool named = std::all_of(model_.features.begin(), model_.features.end(),
                                   [](const FeatureInfo& f) { return !f.name.empty(); });
    bool numbered = true;
    for (size_t i = 0; i < model_.features.size(); ++i)
      numbered &= model_.features[i].name == std::to_string(i);
    if (!named || numbered)
      for (FeatureInfo& feature : model_.features) feature.name.clear();
  }

  /// The text of each hash, which is there when the model was saved with its pool.
  void read_texts(const DocumentPart& info) {
    if (!info.has("cat_features_hash") || info.at("cat_features_hash").value().is_null()) return;
    const DocumentPart list = info.at("cat_features_hash");
    for (size_t i = 0; i < list.size(); ++i) {
      const int64_t hash = list.item(i).at("hash").integer(INT32_MIN, UINT32_MAX);
      texts_[static_cast<int32_t>(hash)] = list.item(i).at("value").text();
    }
  }

  /// The categories that splits or statistics know: numbers when all are, else text.
  void read_category(const DocumentPart& part, const HashSets& looked_up) {
    CategoryFeature feature;
    FeatureInfo& info = add_feature(part, &feature.flat);
    info.categorical = true;
    const int64_t index = part.at("feature_index").integer(0, INT32_MAX);
    std::map<int32_t, std::string> texts;
    if (part.has("values")) {
      const auto hashes = part.at("values").integers(INT32_MIN, UINT32_MAX);
      one_hot_borders_ += static_cast<int64_t>(hashes.size());
      std::vector<std::string> own;
      if (part.has("string_values")) own = part.at("string_values").texts();
      for (size_t i = 0; i < hashes.size(); ++i) {
        const auto hash = static_cast<int32_t>(hashes[i]);
        texts[hash] = i < own.size() ? own[i] : text_of(hash);
      }
    }
    if (const auto found = looked_up.find(index); found != looked_up.end())
      for (const int32_t hash : found->second)
        if (texts.find(hash) == texts.end()) texts[hash] = text_of(hash);
    int64_t number = 0;
    const bool numbers = std::all_of(texts.begin(), texts.end(), [&](const auto& pair) {
      return parse_integer(pair.second, &number) && std::to_string(number) == pair.second &&
             std::abs(static_cast<double>(number)) < 0x1p53;
    });
    for (const auto& [hash, text] : texts) {
      number = static_cast<int64_t>(feature.codes.size());
      if (numbers)
        parse_integer(text, &number);
      else
        info.levels.push_back(text);
      feature.codes[hash] = static_cast<double>(number);
    }
    category_[index] = std::move(feature);
  }

  /// A category feature that the model does not use is text when the pool had text that no other
  /// feature accounts for.
  void guess_unused() {
    std::set<int32_t> rest;
    for (const auto& [hash, text] : texts_) rest.insert(hash);
    for (const auto& [index, feature] : category_)
      for (const auto& [hash, code] : feature.codes) rest.erase(static_cast<int32_t>(hash));
    int64_t number = 0;
    const auto text = std::find_if(rest.begin(), rest.end(), [&](int32_t hash) {
      return !parse_integer(texts_.at(hash), &number);
    });
    if (text == rest.end()) return;
    for (const auto& [index, feature] : category_)
      if (feature.codes.empty()) model_.features[feature.flat].levels = {texts_.at(*text)};
  }

  const std::string& text_of(int32_t hash) const {
    const auto found = texts_.find(hash);
    if (found == texts_.end())
      source_.unsupported("categories without their text (save it as JSON with its pool)");
    return found->second;
  }

  void read_bias() {
    if (!document_.has("scale_and_bias")) {
      model_.base_scores = {0.0};
      return;
    }
    const DocumentPart part = document_.at("scale_and_bias");
    if (part.size() != 2) part.broken("expected a scale and a list");
    if (part.value().numbers() != nullptr) {  // older versions: two numbers
      const std::vector<double> pair = part.numbers(2);
      scale_ = pair[0];
      model_.base_scores = {pair[1]};
      return;
    }
    scale_ = part.item(0).number();
    model_.base_scores = part.item(1).numbers();
    if (model_.base_scores.empty()) model_.base_scores = {0.0};
    source_.check_count(outputs(), "outputs");
  }

  Split read_split(const DocumentPart& part) {
    const std::string type = part.at("split_type").text();
    Split out;
    if (type == "FloatFeature") {
      const auto found = numeric_.find(part.at("float_feature_index").integer(0, INT32_MAX));
      if (found == numeric_.end()) part.broken("there is no such feature");
      out.feature = found->second.flat;
      out.missing_left = found->second.missing_left;
      out.threshold = static_cast<float>(part.at("border").number());
      if (std::isinf(out.threshold)) part.broken("a border is out of range");
    } else if (type == "OneHotFeature") {
      const auto found = category_.find(part.at("cat_feature_index").integer(0, INT32_MAX));
      if (found == category_.end()) part.broken("there is no such feature");
      out.feature = found->second.flat;
      out.categorical = true;
      const auto hash = static_cast<int32_t>(part.at("value").integer(INT32_MIN, UINT32_MAX));
      const auto code = found->second.codes.find(hash);
      if (code == found->second.codes.end()) part.broken("there is no such category");
      out.category = code->second;
    } else if (type == "OnlineCtr") {
      const int64_t index = part.at("split_index").integer(0, INT32_MAX);
      out.threshold = static_cast<float>(part.at("border").number());
      const int ctr = ctrs_.find_border(index - float_borders_ - one_hot_borders_, out.threshold);
      if (ctr < 0) part.broken("there is no such statistic");
      out.feature = derive(ctr);
    } else {
      source_.unsupported("splits of kind \"" + type + "\"");
    }
    return out;
  }

  /// The number of the derived feature that a statistic becomes.
  int32_t derive(int ctr) {
    const auto known = derived_.find(ctr);
    if (known != derived_.end()) return known->second;
    const CtrTable& table = ctrs_.table_of(ctr);
    DerivedFeature feature;
    spend(table.keys.size());
    for (const CtrSource& source : table.sources) feature.sources.push_back(read_source(source));
    feature.keys = table.keys;
    ctrs_.compute(ctr, &feature.values, &feature.fallback);
    model_.derived.push_back(std::move(feature));
    const auto number = static_cast<int32_t>(model_.features.size() + model_.derived.size() - 1);
    derived_[ctr] = number;
    return number;
  }

  /// Several statistics share a table of the file and not one of ours.
  void spend(size_t entries) {
    entries_ += entries;
    if (entries_ > 8 * source_.bytes)
      source_.unsupported("more statistics than memory should hold");
  }

  DerivedSource read_source(const CtrSource& source) {
    DerivedSource out;
    if (source.kind == CtrSource::Kind::kBorder) {
      const auto found = numeric_.find(source.feature);
      if (found == numeric_.end()) source_.broken("a statistic has no such feature");
      out.feature = found->second.flat;
      out.border = source.border;
      out.missing = found->second.missing_left ? 0 : 1;
      return out;
    }
    const auto found = category_.find(source.feature);
    if (found == category_.end()) source_.broken("a statistic has no such feature");
    out.feature = found->second.flat;
    const std::vector<double>& categories = model_.features[out.feature].categories;
    const bool exact = source.kind == CtrSource::Kind::kExact;
    spend(categories.size());
    out.parts.resize(categories.size());
    for (const auto& [hash, code] : found->second.codes) {
      const auto at = std::lower_bound(categories.begin(), categories.end(), code);
      out.parts[static_cast<size_t>(at - categories.begin())] =
          exact ? (hash == source.hash ? 1 : 0) : CtrSource::part_of(static_cast<int32_t>(hash));
    }
    if (out.parts.empty()) source_.broken("a statistic has no categories");
    if (exact) out.missing = out.unknown = 0;
    return out;
  }

  /// Appends a node; the children follow. True when they change sides: the category goes left here.
  bool add_node(const Split& split) {
    TreeNode node;
    node.feature = split.feature;
    node.threshold = split.threshold;
    node.missing_left = split.missing_left;
    if (split.categorical) {
      node.threshold = 0;
      node.category_set = static_cast<int32_t>(tree_.category_sets.size());
      tree_.category_sets.push_back(
          categories_.make_set(static_cast<size_t>(split.feature), {split.category}));
    }
    tree_.nodes.push_back(node);
    return split.categorical;
  }

  void add_leaf(const double* values, double weight) {
    for (int k = 0; k < outputs(); ++k) tree_.leaf_values.push_back(scale_ * values[k]);
    tree_.leaf_weights.push_back(weight);
    tree_.leaf_rows.push_back(0);
  }

  /// Level l asks splits[l], which is bit l of the leaf's number.
  void read_symmetric(const DocumentPart& part) {
    const DocumentPart list = part.at("splits");
    std::vector<Split> splits;
    for (size_t i = 0; !list.value().is_null() && i < list.size(); ++i)
      splits.push_back(read_split(list.item(i)));
    const auto depth = static_cast<int64_t>(splits.size());
    if (depth > kMaxDepth) list.broken("a tree is too deep");
    const size_t leaves = size_t{1} << depth;
    const std::vector<double> values = part.at("leaf_values").numbers(leaves * outputs());
    const std::vector<double> weights = part.has("leaf_weights")
                                            ? part.at("leaf_weights").numbers(leaves)
                                            : std::vector<double>(leaves, 0.0);
    std::vector<size_t> numbers(1, 0);  // of the places of this level: the bits so far
    for (int64_t level = 0; level < depth; ++level) {
      const auto first = static_cast<int32_t>(tree_.nodes.size());
      std::vector<size_t> below;
      for (size_t i = 0; i < numbers.size(); ++i) {
        const bool swap = add_node(splits[level]);
        const auto next = static_cast<int32_t>(2 * i);
        const int32_t base = first + static_cast<int32_t>(numbers.size());
        tree_.nodes.back().left = level + 1 < depth ? base + next : ~next;
        tree_.nodes.back().right = level + 1 < depth ? base + next + 1 : ~(next + 1);
        const size_t bit = size_t{1} << level;
        below.push_back(numbers[i] | (swap ? bit : 0));
        below.push_back(numbers[i] | (swap ? 0 : bit));
      }
      numbers = std::move(below);
    }
    for (const size_t number : numbers) add_leaf(&values[number * outputs()], weights[number]);
  }

  /// A leaf or a split with its branches; returns its place in the tree. The document's depth is
  /// bounded, and so is this.
  int32_t read_branch(const DocumentPart& part) {
    if (part.has("value")) {
      const DocumentPart value = part.at("value");
      const bool one = value.value().real() != nullptr || value.value().integer() != nullptr;
      const std::vector<double> values =
          one ? std::vector<double>{value.number()} : value.numbers();
      if (static_cast<int>(values.size()) != outputs())
        value.broken("the leaf does not fit the number of outputs");
      add_leaf(values.data(), part.has("weight") ? part.at("weight").number() : 0);
      return ~static_cast<int32_t>(tree_.leaf_weights.size() - 1);
    }
    const size_t here = tree_.nodes.size();
    const bool swap = add_node(read_split(part.at("split")));
    const int32_t left = read_branch(part.at(swap ? "right" : "left"));
    const int32_t right = read_branch(part.at(swap ? "left" : "right"));
    tree_.nodes[here].left = left;
    tree_.nodes[here].right = right;
    return static_cast<int32_t>(here);
  }

  /// The classes as CatBoost had them.
  void read_attributes() {
    JsonValue attributes = foreign_attributes(model_.objective);
    if (attributes.find("classes") != nullptr && document_.at("model_info").has("class_params")) {
      const DocumentPart classes = document_.at("model_info").at("class_params");
      if (classes.has("class_names")) {
        const DocumentPart names = classes.at("class_names");
        const size_t count = std::max(2, outputs());
        if (names.size() == count) {
          JsonValue known;
          known.add("classes", JsonValue(names.value()));
          attributes = std::move(known);
        }
      }
    }
    ByteBuffer text;
    write_json(attributes, text);
    model_.attributes = text.view();
  }

  const DocumentPart& document_;
  const ForeignSource& source_;
  Model model_;
  CategoryTable categories_{0, source_};
  std::map<int64_t, NumericFeature> numeric_;    // by CatBoost's feature_index
  std::map<int64_t, CategoryFeature> category_;  // the same
  std::map<int32_t, std::string> texts_;         // of categories, by hash
  CatboostCtrs ctrs_;
  std::map<int, int32_t> derived_;  // of each statistic in use: the feature that it became
  int64_t float_borders_ = 0;  // CatBoost numbers borders of numbers, one-hot values, statistics
  int64_t one_hot_borders_ = 0;
  size_t entries_ = 0;  // of derived features
  std::vector<bool> seen_;
  double scale_ = 1;
  Tree tree_;
};

}  // namespace

Model read_catboost(const JsonValue& document, size_t bytes, const char* function) {
  const ForeignSource source{function, "CatBoost", bytes};
  const DocumentPart whole(document, "", source);
  return ModelReader(whole, source).read();
}

}  // namespace cne::gbdt
