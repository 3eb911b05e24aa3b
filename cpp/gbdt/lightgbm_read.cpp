// LightGBM's text to models.

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/utf8.h"
#include "gbdt/lightgbm_file.h"
#include "gbdt/lightgbm_objective.h"
#include "gbdt/lightgbm_text.h"
#include "gbdt/model_attributes.h"

namespace cne::gbdt {

namespace {

// Bits of decision_type.
constexpr int64_t kCategorical = 1;
constexpr int64_t kDefaultLeft = 2;
enum class Missing : uint8_t { kNone = 0, kZero = 1, kNan = 2 };

struct Splits {
  std::vector<int64_t> feature, decision;
  std::vector<double> threshold;
  std::vector<std::vector<double>> sets;  // of each categorical split, by its number in the tree
};

Missing missing_of(int64_t decision) { return static_cast<Missing>((decision >> 2) & 3); }

void scale(std::vector<double>& values, double factor) {
  for (double& value : values) value *= factor;
}

class ModelReader {
 public:
  ModelReader(std::string_view text, const ForeignSource& source) : text_(text), source_(source) {}

  Model read() {
    const LightgbmBlock head(text_, source_);
    const int width =
        source_.check_count(head.integer("max_feature_idx", -1, INT32_MAX - 1) + 1, "features");
    const int outputs =
        source_.check_count(head.integer("num_tree_per_iteration", 1, INT32_MAX), "outputs");
    std::vector<std::string_view> blocks = cut_trees();
    model_.objective = read_lightgbm_objective(head.has("objective") ? head.text("objective") : "",
                                               parameters_, outputs, source_);
    model_.base_scores.assign(static_cast<size_t>(outputs), 0.0);
    model_.features.resize(static_cast<size_t>(width));
    categories_ = CategoryTable(static_cast<size_t>(width), source_);
    encoded_.resize(static_cast<size_t>(width));
    read_names(head);
    std::vector<LightgbmBlock> trees;
    std::vector<Splits> splits;
    for (std::string_view block : blocks) {
      trees.emplace_back(block, source_);
      splits.push_back(read_splits(trees.back()));
    }
    read_ours();
    read_infos(head, splits);
    for (Splits& tree : splits) note(tree);
    categories_.finish(model_.features);
    const size_t rounds = (trees.size() + outputs - 1) / static_cast<size_t>(outputs);
    const double factor =
        head.has("average_output") && rounds > 0 ? 1.0 / static_cast<double>(rounds) : 1.0;
    for (size_t t = 0; t < trees.size(); ++t) {
      model_.trees.push_back(read_tree(trees[t], splits[t], factor));
      model_.trees.back().output = static_cast<int32_t>(t % static_cast<size_t>(outputs));
    }
    note_attributes();
    return std::move(model_);
  }

 private:
  /// The text of each tree; what follows them goes to `parameters_` and `pandas_`.
  std::vector<std::string_view> cut_trees() {
    std::vector<std::string_view> out;
    bool ended = false;
    while (!text_.empty() && !ended) {
      const char* begin = text_.data();
      const std::string_view line = next_line(text_);
      if (line.empty()) continue;
      if (line == "end of trees") {
        ended = true;
      } else if (line.substr(0, 5) == "Tree=") {
        out.emplace_back(begin, text_.data() - begin);
      } else if (out.empty()) {
        source_.broken("expected a line \"Tree=\"");
      } else {
        out.back() = {out.back().data(), static_cast<size_t>(text_.data() - out.back().data())};
      }
    }
    if (!ended) source_.broken("it ends before \"end of trees\"");
    parameters_ = text_;
    pandas_ = last_line("\npandas_categorical:");
    ours_ = last_line("\ncnengine:");
    return out;
  }

  /// What follows the last `key`, which begins with the end of a line; empty without one.
  std::string_view last_line(std::string_view key) const {
    const size_t at = text_.rfind(key);
    if (at == std::string_view::npos) return {};
    std::string_view rest = text_.substr(at + key.size());
    return next_line(rest);
  }

  void read_names(const LightgbmBlock& head) {
    if (!head.has("feature_names")) return;
    std::string_view rest = head.text("feature_names");
    bool numbered = true;
    for (size_t i = 0; i < model_.features.size(); ++i) {
      std::string& name = model_.features[i].name;
      name = next_word(rest);
      if (name.empty() || !is_utf8(name)) source_.broken("a feature has no name");
      numbered &= name == "Column_" + std::to_string(i);
    }
    if (!next_word(rest).empty()) source_.broken("there are more feature_names than features");
    if (numbered)
      for (FeatureInfo& feature : model_.features) feature.name.clear();
  }

  Splits read_splits(const LightgbmBlock& tree) {
    Splits out;
    const size_t n = static_cast<size_t>(tree.integer("num_leaves", 1, INT32_MAX)) - 1;
    if (n == 0) return out;
    const auto width = static_cast<int64_t>(model_.features.size());
    out.feature = tree.integers("split_feature", n, 0, width - 1);
    out.threshold = tree.numbers("threshold", n, true);
    out.decision = tree.integers("decision_type", n, 0, 15);
    const auto sets = static_cast<size_t>(tree.integer("num_cat", 0, static_cast<int64_t>(n)));
    if (sets > 0) read_sets(tree, sets, out);
    for (size_t i = 0; i < n; ++i) {
      FeatureInfo& feature = model_.features[out.feature[i]];
      if ((out.decision[i] & kCategorical) == 0) continue;
      feature.categorical = true;
      const double number = out.threshold[i];
      if (!(number >= 0 && number < static_cast<double>(sets)) || number != std::floor(number))
        source_.broken("a categorical split has no categories");
    }
    return out;
  }

  void read_sets(const LightgbmBlock& tree, size_t count, Splits& out) {
    const auto begins = tree.integers("cat_boundaries", count + 1, 0, INT32_MAX);
    if (!std::is_sorted(begins.begin(), begins.end()) || begins[0] != 0)
      source_.broken("the list cat_boundaries does not rise from 0");
    const auto words =
        tree.integers("cat_threshold", static_cast<size_t>(begins.back()), 0, UINT32_MAX);
    for (size_t i = 0; i < count; ++i) {
      out.sets.emplace_back();
      for (int64_t w = begins[i]; w < begins[i + 1]; ++w)
        for (int64_t bit = 0; bit < 32; ++bit)
          if ((words[w] >> bit) & 1)
            out.sets.back().push_back(static_cast<double>(32 * (w - begins[i]) + bit));
    }
  }

  /// Which features are categorical beside those that trees split as such, and their categories.
  void read_infos(const LightgbmBlock& head, const std::vector<Splits>& splits) {
    std::vector<bool> open(model_.features.size(), true);  // nothing says what they are
    std::string_view rest = head.has("feature_infos") ? head.text("feature_infos") : "";
    for (size_t f = 0; f < model_.features.size(); ++f) {
      std::string_view info = next_word(rest);
      open[f] = info.empty() || info == "none";
      if (open[f] || info[0] == '[') continue;
      model_.features[f].categorical = true;
      listed_.emplace_back(f, info);
    }
    // The parameters also list features that the data set did not take for categorical.
    constexpr std::string_view kParameter = "[categorical_feature: ";
    if (const size_t at = parameters_.find(kParameter); at != std::string_view::npos) {
      rest = parameters_.substr(at + kParameter.size());
      rest = rest.substr(0, rest.find(']'));
      for (std::string_view w = next_word(rest, ','); !w.empty(); w = next_word(rest, ',')) {
        int64_t f = -1;
        if (!parse_integer(w, &f) || f < 0 || f >= static_cast<int64_t>(open.size())) continue;
        if (open[static_cast<size_t>(f)]) model_.features[f].categorical = true;
      }
    }
    for (const Splits& tree : splits)
      for (size_t i = 0; i < tree.feature.size(); ++i)
        if ((tree.decision[i] & kCategorical) == 0 && model_.features[tree.feature[i]].categorical)
          source_.unsupported("a feature that is both a number and a category");
    read_pandas();
    for (const auto& [f, info] : listed_) {
      std::string_view rest = info;
      for (std::string_view w = next_word(rest, ':'); !w.empty(); w = next_word(rest, ':')) {
        double code = -1;
        if (parse_number(w, &code) && code >= 0 && code == std::floor(code)) add_category(f, code);
      }
    }
  }

  /// The attributes that we wrote, if it was us.
  void read_ours() {
    if (ours_.empty()) return;
    attributes_ = parse_json(ours_, source_.function);
    if (attributes_.object() == nullptr) source_.broken("the line \"cnengine:\" is no object");
  }

  void note_attributes() {
    if (attributes_.object() == nullptr) attributes_ = foreign_attributes(model_.objective);
    JsonValue::Numbers columns;  // whose numbers are codes of what data frames held
    for (size_t f = 0; f < encoded_.size(); ++f)
      if (!encoded_[f].empty()) columns.values.push_back(static_cast<double>(f));
    if (!columns.values.empty())
      attributes_ = with_member(attributes_, "category_columns", JsonValue(std::move(columns)));
    model_.attributes = to_attributes(attributes_);
  }

  /// The features that have a list of categories: those that we noted, or all categorical ones.
  std::vector<size_t> columns_of_pandas(size_t lists) const {
    std::vector<size_t> told = category_columns(attributes_, model_.features.size());
    const auto is_number = [&](size_t f) { return !model_.features[f].categorical; };
    if (told.size() == lists && std::none_of(told.begin(), told.end(), is_number)) return told;
    std::vector<size_t> all;
    for (size_t f = 0; f < model_.features.size(); ++f)
      if (!is_number(f)) all.push_back(f);
    return all;
  }

  /// The categories of a data frame, in the order of its category columns.
  void read_pandas() {
    if (pandas_.empty() || pandas_ == "null") return;
    const JsonValue document = parse_json(pandas_, source_.function);
    const DocumentPart lists(document, "pandas_categorical", source_);
    if (lists.size() == 0) return;
    const std::vector<size_t> columns = columns_of_pandas(lists.size());
    if (lists.size() != columns.size())
      source_.unsupported("categories of pandas for other columns than its categorical features");
    for (size_t i = 0; i < columns.size(); ++i) {
      const JsonValue::Array* items = document.array();
      if (items == nullptr) lists.broken("expected an array of arrays");
      const DocumentPart list = lists.item(i);
      const auto* values = list.value().array();
      if (values != nullptr && !values->empty() && (*values)[0].text() != nullptr) {
        model_.features[columns[i]].levels = list.texts();
        for (size_t code = 0; code < values->size(); ++code)
          categories_.add(columns[i], static_cast<double>(code));
      } else {
        encoded_[columns[i]] = list.numbers();
        std::vector<double> sorted = encoded_[columns[i]];
        std::sort(sorted.begin(), sorted.end());
        if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
          list.broken("a category is there twice");
        for (const double value : sorted) categories_.add(columns[i], value);
      }
    }
  }

  /// A code of LightGBM as what the feature holds: itself, or the value that pandas had.
  double decode(size_t f, double code) const {
    if (encoded_[f].empty()) return code;
    if (code >= static_cast<double>(encoded_[f].size()))
      source_.broken("a category is not in the list of pandas");
    return encoded_[f][static_cast<size_t>(code)];
  }

  void add_category(size_t f, double code) {
    if (!model_.features[f].levels.empty()) {
      if (code >= static_cast<double>(model_.features[f].levels.size()))
        source_.broken("a category is not in the list of pandas");
      return;
    }
    categories_.add(f, decode(f, code));
  }

  /// Categories and the zeros that count as missing, which are a matter of the feature here.
  void note(Splits& tree) {
    for (size_t i = 0; i < tree.feature.size(); ++i) {
      const auto f = static_cast<size_t>(tree.feature[i]);
      if ((tree.decision[i] & kCategorical) != 0) {
        const auto& set = tree.sets[static_cast<size_t>(tree.threshold[i])];
        for (const double code : set) add_category(f, code);
      } else if (missing_of(tree.decision[i]) == Missing::kZero) {
        model_.features[f].zero_is_missing = true;
      }
    }
  }

  TreeNode read_node(const Splits& splits, size_t i, Tree& tree) {
    TreeNode node;
    node.feature = static_cast<int32_t>(splits.feature[i]);
    const FeatureInfo& feature = model_.features[node.feature];
    if ((splits.decision[i] & kCategorical) != 0) {
      std::vector<double> values = splits.sets[static_cast<size_t>(splits.threshold[i])];
      for (double& value : values) value = decode(node.feature, value);
      node.category_set = static_cast<int32_t>(tree.category_sets.size());
      tree.category_sets.push_back(categories_.make_set(node.feature, values));
      return node;
    }
    node.threshold = splits.threshold[i];
    const bool zero_left = 0 <= node.threshold;
    const bool default_left = (splits.decision[i] & kDefaultLeft) != 0;
    const Missing missing = missing_of(splits.decision[i]);
    node.missing_left = missing == Missing::kNone ? zero_left : default_left;
    if (feature.zero_is_missing && missing == Missing::kNan && zero_left != default_left)
      source_.unsupported("a feature whose zeros are missing in some splits only");
    return node;
  }

  Tree read_tree(const LightgbmBlock& block, const Splits& splits, double factor) {
    Tree tree;
    const size_t n = splits.feature.size();
    tree.leaf_values = block.numbers("leaf_value", n + 1);
    tree.leaf_weights.assign(n + 1, 0.0);
    tree.leaf_rows.assign(n + 1, 0);
    if (n > 0) {
      const auto left = block.integers("left_child", n, INT32_MIN, INT32_MAX);
      const auto right = block.integers("right_child", n, INT32_MIN, INT32_MAX);
      for (size_t i = 0; i < n; ++i) {
        tree.nodes.push_back(read_node(splits, i, tree));
        tree.nodes[i].left = static_cast<int32_t>(left[i]);
        tree.nodes[i].right = static_cast<int32_t>(right[i]);
      }
      read_statistics(block, tree);
    }
    if (block.has("is_linear") && block.integer("is_linear", 0, 1) == 1) read_linear(block, tree);
    if (factor == 1.0) return tree;
    scale(tree.leaf_values, factor);
    scale(tree.linear.constants, factor);
    scale(tree.linear.coefficients, factor);
    for (TreeNode& node : tree.nodes) node.value *= factor;
    return tree;
  }

  void read_statistics(const LightgbmBlock& block, Tree& tree) {
    const size_t n = tree.nodes.size();
    const auto numbers = [&](const char* key, size_t count) {
      return block.has(key) ? block.numbers(key, count) : std::vector<double>(count, 0.0);
    };
    const std::vector<double> gains = numbers("split_gain", n);
    const std::vector<double> values = numbers("internal_value", n);
    const std::vector<double> weights = numbers("internal_weight", n);
    const std::vector<double> counts = numbers("internal_count", n);
    const auto to_rows = [](double count) {
      return static_cast<int64_t>(std::clamp(count, 0.0, 0x1p53));
    };
    for (size_t i = 0; i < n; ++i) {
      tree.nodes[i].gain = gains[i];
      tree.nodes[i].value = values[i];
      tree.nodes[i].weight = weights[i];
      tree.nodes[i].rows = to_rows(counts[i]);
    }
    tree.leaf_weights = numbers("leaf_weight", n + 1);
    const std::vector<double> rows = numbers("leaf_count", n + 1);
    std::transform(rows.begin(), rows.end(), tree.leaf_rows.begin(), to_rows);
  }

  void read_linear(const LightgbmBlock& block, Tree& tree) {
    const size_t leaves = tree.leaf_values.size();
    tree.linear.constants = block.numbers("leaf_const", leaves);
    const auto counts = block.integers("num_features", leaves, 0, INT32_MAX);
    tree.linear.begin = {0};
    int64_t total = 0;
    for (const int64_t count : counts) {
      total += count;
      if (total > INT32_MAX) source_.broken("there are too many features in \"num_features\"");
      tree.linear.begin.push_back(static_cast<int32_t>(total));
    }
    const auto all = static_cast<size_t>(total);
    tree.linear.coefficients = block.numbers("leaf_coeff", all);
    for (const int64_t f : block.integers("leaf_features", all, 0,
                                          static_cast<int64_t>(model_.features.size()) - 1)) {
      if (model_.features[f].zero_is_missing || model_.features[f].categorical)
        source_.unsupported("linear leaves of a feature that is categorical or misses its zeros");
      tree.linear.features.push_back(static_cast<int32_t>(f));
    }
  }

  std::string_view text_;
  const ForeignSource& source_;
  std::string_view parameters_, pandas_, ours_;
  JsonValue attributes_;                                     // those that we wrote
  std::vector<std::pair<size_t, std::string_view>> listed_;  // feature_infos of categories
  Model model_;
  CategoryTable categories_{0, source_};
  std::vector<std::vector<double>> encoded_;  // by feature: the value of each code
};

}  // namespace

Model read_lightgbm(std::string_view text, const char* function) {
  const ForeignSource source{function, "LightGBM", text.size()};
  std::string_view rest = text;
  if (next_line(rest) != "tree") source.broken("it does not begin with \"tree\"");
  return ModelReader(rest, source).read();
}

}  // namespace cne::gbdt
