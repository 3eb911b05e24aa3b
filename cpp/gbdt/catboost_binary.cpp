#include "gbdt/catboost_binary.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/error.h"
#include "gbdt/catboost_ctr.h"
#include "gbdt/category_hash.h"
#include "gbdt/derived_feature.h"
#include "gbdt/flat_table.h"

namespace cne::gbdt {

namespace {

// Fields of CatBoost's schemas, by number.
namespace core {
enum { kFormat, kTrees, kInfo, kParts };
}
namespace forest {
enum { kDimension, kSplits, kSizes, kStarts, kCategories, kNumbers, kOneHot, kCtrs, kLeafValues };
enum { kLeafWeights = 9, kSteps, kLeafOfNode, kTexts, kEstimated, kScale, kBias, kBiases };
enum { kEmbeddings = 18 };
}  // namespace forest
namespace number {
enum { kHasNans, kIndex, kFlatIndex, kBorders, kName, kNanTreatment };
}
namespace category {
enum { kIndex, kFlatIndex, kName };
}
namespace one_hot {
enum { kIndex, kValues, kTexts };
}
namespace ctr {
enum { kBase, kTargetBorder, kPriorNumerator, kPriorDenominator, kShift, kScale };
}
namespace ctr_table {
enum { kBase, kBuckets, kCounts, kDenominator, kClasses };
}

constexpr std::array<const char*, 3> kNanTreatments{"AsIs", "AsFalse", "AsTrue"};
constexpr std::array<const char*, 6> kCtrTypes{
    "Borders", "Buckets",    "BinarizedTargetMeanValue", "FloatTargetMeanValue",
    "Counter", "FeatureFreq"};
constexpr int kMeans = 2;     // from here on a sum and a count
constexpr int kCounters = 4;  // from here on one count
constexpr int64_t kLeastNumber = -1000;
constexpr int64_t kMostNumber = 99999;
constexpr int kMostDepth = 100;
constexpr size_t kSymmetricDepth = 16;
constexpr size_t kPrice = 128;  // of a split in a tree, in elements: so much longer is its document

struct Bucket {
  uint64_t key;
  uint32_t index;
};
struct Step {
  uint16_t left, right;
};
struct FloatSplit {
  int32_t feature;
  float border;
};
struct OneHotSplit {
  int32_t feature, value;
};

/// A split of any tree: the names and numbers of its document.
struct BinarySplit {
  const char* type;
  const char* index;
  int64_t feature;
  const char* number;
  double value;
};

template <typename T>
JsonValue packed(const FlatVector<T>& values) {
  JsonValue::Numbers out;
  for (size_t i = 0; i < values.size; ++i) out.values.push_back(static_cast<double>(values[i]));
  return JsonValue(std::move(out));
}

class BinaryReader {
 public:
  BinaryReader(std::string_view bytes, const ForeignSource& source)
      : source_(source), rest_(bytes.substr(4)), buffer_{next_part(), source, budget()} {}

  JsonValue read() {
    const FlatTable root = FlatTable::root(buffer_);
    if (root.text(core::kFormat) != "FlabuffersModel_v1")
      source_.unsupported("format \"" + root.text(core::kFormat) + "\"");
    const FlatTable trees = root.table(core::kTrees);
    if (trees.vector<uint32_t>(forest::kTexts).size > 0 ||
        trees.vector<uint32_t>(forest::kEstimated).size > 0 ||
        trees.vector<uint32_t>(forest::kEmbeddings).size > 0)
      source_.unsupported("text or embedding features");
    outputs_ = static_cast<size_t>(
        source_.check_count(trees.number<int32_t>(forest::kDimension, 0), "outputs"));
    if (outputs_ == 0) source_.broken("there is no output");
    JsonValue out;
    out.add("model_info", read_info(root));
    out.add("ctr_data", read_tables(root));
    out.add("features_info", read_features(trees));
    out.add("scale_and_bias", read_bias(trees));
    const bool symmetric = trees.vector<Step>(forest::kSteps).size == 0;
    out.add(symmetric ? "oblivious_trees" : "trees",
            symmetric ? read_symmetric(trees) : read_branches(trees));
    return out;
  }

 private:
  size_t budget() const { return 8 * source_.bytes + 4096; }

  /// The bytes that follow their own length in the file.
  std::string_view next_part() {
    uint32_t size = 0;
    if (rest_.size() >= 4) std::memcpy(&size, rest_.data(), 4);
    if (rest_.size() < 4 || rest_.size() - 4 < size) source_.broken("it ends too soon");
    const std::string_view out = rest_.substr(4, size);
    rest_.remove_prefix(4 + size_t{size});
    return out;
  }

  /// Texts by name, of which some are JSON.
  JsonValue read_info(const FlatTable& root) const {
    JsonValue out{JsonValue::Object{}};
    for (const FlatTable& pair : root.tables(core::kInfo)) {
      const std::string name = pair.text(0);
      if ((name == "params" || name == "class_params") && out.find(name) == nullptr)
        out.add(name, parse_json(pair.text(1), source_.function));
    }
    return out;
  }

  /// The elements that a statistic looks up, and a name of them and its kind.
  JsonValue read_combination(const FlatTable& base, std::string* name) const {
    const int type = base.number<int8_t>(1, 0);
    if (type < 0 || type >= static_cast<int>(kCtrTypes.size()))
      source_.broken("there is no such kind of statistic");
    const FlatTable parts = base.table(0);
    const auto categories = parts.vector<int32_t>(0);
    const auto numbers = parts.vector<FloatSplit>(1);
    const auto exact = parts.vector<OneHotSplit>(2);
    JsonValue::Array out;
    *name = kCtrTypes[static_cast<size_t>(type)];
    const auto element = [&](const char* kind, const char* index, int32_t feature) -> JsonValue& {
      *name += message(" ", kind, feature);
      out.emplace_back();
      return out.back().add("combination_element", kind).add(index, int64_t{feature});
    };
    for (size_t i = 0; i < categories.size; ++i)
      element("cat_feature_value", "cat_feature_index", categories[i]);
    for (size_t i = 0; i < numbers.size; ++i) {
      uint32_t bits = 0;
      const float border = numbers[i].border;
      std::memcpy(&bits, &border, 4);
      element("float_feature", "float_feature_index", numbers[i].feature)
          .add("border", static_cast<double>(border));
      *name += message(":", bits);
    }
    for (size_t i = 0; i < exact.size; ++i) {
      element("cat_feature_exact_value", "cat_feature_index", exact[i].feature)
          .add("value", int64_t{exact[i].value});
      *name += message(":", exact[i].value);
    }
    return JsonValue(std::move(out));
  }

  JsonValue read_tables(const FlatTable& root) {
    JsonValue out{JsonValue::Object{}};
    const std::vector<std::string> parts = root.texts(core::kParts);
    if (parts.empty()) return out;
    if (parts.size() > 1 || parts[0] != "static_provider_v1")
      source_.unsupported("part \"" + parts[0] + "\"");
    uint32_t count = 0;
    if (rest_.size() < 4) source_.broken("it ends too soon");
    std::memcpy(&count, rest_.data(), 4);
    rest_.remove_prefix(4);
    for (uint32_t t = 0; t < count; ++t) {
      FlatBuffer buffer{next_part(), source_, buffer_.left};
      read_table(FlatTable::root(buffer), out);
      buffer_.left = buffer.left;
    }
    return out;
  }

  void read_table(const FlatTable& table, JsonValue& out) {
    const FlatTable base = table.table(ctr_table::kBase);
    std::string name;
    const JsonValue elements = read_combination(base, &name);
    const bool single = elements.array()->size() == 1 &&
                        elements.array()->front().find("value") == nullptr &&
                        elements.array()->front().find("border") == nullptr;
    const int type = base.number<int8_t>(1, 0);
    const auto buckets = table.vector<char>(ctr_table::kBuckets);
    const auto counts = table.vector<char>(ctr_table::kCounts);
    const auto classes = table.number<int32_t>(ctr_table::kClasses, 0);
    const size_t width = type >= kCounters ? 1
                         : type >= kMeans  ? 2
                                           : static_cast<size_t>(std::clamp(classes, 1, 1 << 16));
    JsonValue::Array map;
    constexpr size_t kBucket = 12;
    for (size_t at = 0; at + kBucket <= buckets.size; at += kBucket) {
      Bucket bucket{};
      std::memcpy(&bucket.key, buckets.data + at, 8);
      std::memcpy(&bucket.index, buckets.data + at + 8, 4);
      if (bucket.key == UINT64_MAX) continue;  // empty
      if (bucket.index >= counts.size / 4 / width) source_.broken("a statistic has no such row");
      buffer_.spend(kPrice / 8 * (width + 1));
      map.emplace_back(std::to_string(bucket.key));
      if (single) single_keys_.push_back(bucket.key);
      for (size_t k = 0; k < width; ++k) {
        const char* place = counts.data + 4 * (bucket.index * width + k);
        float real = 0;
        int32_t whole = 0;
        std::memcpy(&real, place, 4);
        std::memcpy(&whole, place, 4);
        const bool sum = type >= kMeans && type < kCounters && k == 0;
        map.emplace_back(sum ? static_cast<double>(real) : static_cast<double>(whole));
      }
    }
    JsonValue data;
    data.add("hash_map", JsonValue(std::move(map)));
    data.add("hash_stride", static_cast<int64_t>(width + 1));
    data.add("counter_denominator", int64_t{table.number<int32_t>(ctr_table::kDenominator, 0)});
    out.add(name, std::move(data));
  }

  JsonValue read_features(const FlatTable& trees) {
    JsonValue out;
    JsonValue::Array numbers;
    for (const FlatTable& feature : trees.tables(forest::kNumbers)) {
      const int64_t index = feature.number<int32_t>(number::kIndex, -1);
      JsonValue value;
      value.add("feature_index", index);
      value.add("flat_feature_index", int64_t{feature.number<int32_t>(number::kFlatIndex, -1)});
      value.add("feature_id", feature.text(number::kName));
      const int nan = feature.number<int8_t>(number::kNanTreatment, 0);
      if (nan < 0 || nan > 2) source_.broken("there is no such rule for missing values");
      value.add("nan_value_treatment", kNanTreatments[static_cast<size_t>(nan)]);
      const auto borders = feature.vector<float>(number::kBorders);
      value.add("borders", packed(borders));
      for (size_t i = 0; i < borders.size; ++i)
        splits_.push_back({"FloatFeature", "float_feature_index", index, "border", borders[i]});
      numbers.push_back(std::move(value));
    }
    out.add("float_features", std::move(numbers));
    out.add("categorical_features", read_categories(trees));
    JsonValue::Array ctrs;
    for (const FlatTable& feature : trees.tables(forest::kCtrs)) ctrs.push_back(read_ctr(feature));
    out.add("ctrs", std::move(ctrs));
    out.add("cat_features_hash", name_hashes());
    return out;
  }

  JsonValue read_categories(const FlatTable& trees) {
    const std::vector<FlatTable> one_hots = trees.tables(forest::kOneHot);
    JsonValue::Array out;
    std::map<int32_t, size_t> places;
    for (const FlatTable& feature : trees.tables(forest::kCategories)) {
      const auto index = feature.number<int32_t>(category::kIndex, -1);
      places[index] = out.size();
      out.emplace_back();
      out.back().add("feature_index", int64_t{index});
      out.back().add("flat_feature_index",
                     int64_t{feature.number<int32_t>(category::kFlatIndex, -1)});
      out.back().add("feature_id", feature.text(category::kName));
    }
    for (const FlatTable& feature : one_hots) {
      const auto index = feature.number<int32_t>(one_hot::kIndex, -1);
      const auto place = places.find(index);
      if (place == places.end()) source_.broken("there is no such category feature");
      const auto values = feature.vector<int32_t>(one_hot::kValues);
      JsonValue& value = out[place->second];
      if (value.find("values") != nullptr) source_.broken("a feature is there twice");
      value.add("values", packed(values));
      JsonValue::Array texts;
      for (std::string& text : feature.texts(one_hot::kTexts)) texts.emplace_back(std::move(text));
      if (!texts.empty()) value.add("string_values", std::move(texts));
      for (size_t i = 0; i < values.size; ++i) {
        hashes_.insert(static_cast<uint32_t>(values[i]));
        splits_.push_back(
            {"OneHotFeature", "cat_feature_index", index, "value", static_cast<double>(values[i])});
      }
    }
    return JsonValue(std::move(out));
  }

  JsonValue read_ctr(const FlatTable& feature) {
    const FlatTable part = feature.table(0);
    std::string name;
    JsonValue elements = read_combination(part.table(ctr::kBase), &name);
    const auto real = [&](int field, float fallback) {
      return static_cast<double>(part.number<float>(field, fallback));
    };
    JsonValue out;
    out.add("elements", std::move(elements)).add("ctr_type", name.substr(0, name.find(' ')));
    out.add("identifier", std::move(name));
    out.add("prior_numerator", real(ctr::kPriorNumerator, 0));
    out.add("prior_denomerator", real(ctr::kPriorDenominator, 1));
    out.add("shift", real(ctr::kShift, 0)).add("scale", real(ctr::kScale, 1));
    out.add("target_border_idx", int64_t{part.number<int32_t>(ctr::kTargetBorder, 0)});
    const auto borders = feature.vector<float>(1);
    out.add("borders", packed(borders));
    for (size_t i = 0; i < borders.size; ++i)
      splits_.push_back({"OnlineCtr", "split_index", std::ssize(splits_), "border", borders[i]});
    return out;
  }

  JsonValue split_of(int32_t number) {
    if (number < 0 || number >= std::ssize(splits_)) source_.broken("there is no such split");
    const BinarySplit& split = splits_[static_cast<size_t>(number)];
    buffer_.spend(kPrice);
    JsonValue out;
    out.add("split_type", split.type).add(split.index, split.feature);
    out.add(split.number, split.value);
    return out;
  }

  /// The whole numbers whose hashes the model knows.
  JsonValue name_hashes() {
    JsonValue::Array out;
    std::sort(single_keys_.begin(), single_keys_.end());
    const bool none = single_keys_.empty() && hashes_.empty();
    for (int64_t number = kLeastNumber; !none && number <= kMostNumber; ++number) {
      const std::string text = std::to_string(number);
      const uint32_t hash = category_hash(text);
      const uint64_t key = add_to_key(0, CtrSource::part_of(static_cast<int32_t>(hash)));
      if (hashes_.find(hash) == hashes_.end() &&
          !std::binary_search(single_keys_.begin(), single_keys_.end(), key))
        continue;
      out.emplace_back();
      out.back().add("hash", int64_t{hash}).add("value", text);
    }
    return JsonValue(std::move(out));
  }

  JsonValue read_bias(const FlatTable& trees) const {
    JsonValue::Array out;
    out.emplace_back(trees.number<double>(forest::kScale, 1));
    const auto several = trees.vector<double>(forest::kBiases);
    std::vector<double> biases;
    for (size_t k = 0; k < several.size; ++k) biases.push_back(several[k]);
    if (biases.empty()) biases.assign(outputs_, trees.number<double>(forest::kBias, 0));
    if (biases.size() != outputs_) source_.broken("the biases do not fit the outputs");
    out.emplace_back(JsonValue::Numbers{std::move(biases)});
    return JsonValue(std::move(out));
  }

  JsonValue read_symmetric(const FlatTable& trees) {
    const auto sizes = trees.vector<int32_t>(forest::kSizes);
    const auto splits = trees.vector<int32_t>(forest::kSplits);
    const auto values = trees.vector<double>(forest::kLeafValues);
    const auto weights = trees.vector<double>(forest::kLeafWeights);
    JsonValue::Array out;
    size_t split = 0;
    size_t leaf = 0;
    for (size_t t = 0; t < sizes.size; ++t) {
      const auto depth = static_cast<size_t>(sizes[t]);
      if (depth > kSymmetricDepth || depth > splits.size - split)
        source_.broken("a tree's splits are not there");
      const size_t leaves = size_t{1} << depth;
      if (leaves > values.size / outputs_ - leaf) source_.broken("a tree's leaves are not there");
      JsonValue::Array asked;
      for (size_t i = 0; i < depth; ++i) asked.push_back(split_of(splits[split++]));
      JsonValue::Numbers leaf_values;
      JsonValue::Numbers leaf_weights;
      for (size_t i = 0; i < leaves * outputs_; ++i)
        leaf_values.values.push_back(values[leaf * outputs_ + i]);
      const bool weighted = leaf + leaves <= weights.size;
      for (size_t i = 0; weighted && i < leaves; ++i)
        leaf_weights.values.push_back(weights[leaf + i]);
      leaf += leaves;
      JsonValue tree;
      tree.add("splits", std::move(asked)).add("leaf_values", std::move(leaf_values));
      if (weighted) tree.add("leaf_weights", std::move(leaf_weights));
      out.push_back(std::move(tree));
    }
    return JsonValue(std::move(out));
  }

  /// What branches are read from.
  struct Nodes {
    FlatVector<Step> steps;
    FlatVector<int32_t> splits;
    FlatVector<uint32_t> leaves;
    FlatVector<double> values, weights;
    std::vector<bool> seen;
  };

  JsonValue read_branches(const FlatTable& trees) {
    Nodes nodes{
        trees.vector<Step>(forest::kSteps),          trees.vector<int32_t>(forest::kSplits),
        trees.vector<uint32_t>(forest::kLeafOfNode), trees.vector<double>(forest::kLeafValues),
        trees.vector<double>(forest::kLeafWeights),  {}};
    if (nodes.splits.size != nodes.steps.size || nodes.leaves.size != nodes.steps.size)
      source_.broken("the lists of nodes do not fit each other");
    nodes.seen.resize(nodes.steps.size);
    const auto sizes = trees.vector<int32_t>(forest::kSizes);
    JsonValue::Array out;
    size_t first = 0;
    for (size_t t = 0; t < sizes.size; ++t) {
      out.push_back(read_branch(nodes, first, 0));
      first += static_cast<size_t>(std::max(0, sizes[t]));
    }
    return JsonValue(std::move(out));
  }

  /// A node; its children lie so many nodes further on, 0: that child is the node's own leaf.
  JsonValue read_branch(Nodes& nodes, size_t at, int depth) {
    if (at >= nodes.steps.size || nodes.seen[at]) source_.broken("a node is out of place");
    if (depth > kMostDepth) source_.broken("a tree is too deep");
    nodes.seen[at] = true;
    const Step step = nodes.steps[at];
    if (step.left == 0 && step.right == 0) return read_leaf(nodes, at);
    JsonValue out;
    out.add("split", split_of(nodes.splits[at]));
    out.add("left",
            step.left == 0 ? read_leaf(nodes, at) : read_branch(nodes, at + step.left, depth + 1));
    out.add("right", step.right == 0 ? read_leaf(nodes, at)
                                     : read_branch(nodes, at + step.right, depth + 1));
    return out;
  }

  JsonValue read_leaf(const Nodes& nodes, size_t node) const {
    const size_t first = nodes.leaves[node];
    if (first > nodes.values.size || nodes.values.size - first < outputs_)
      source_.broken("a leaf's values are not there");
    JsonValue::Numbers values;
    for (size_t k = 0; k < outputs_; ++k) values.values.push_back(nodes.values[first + k]);
    JsonValue out;
    out.add("value", std::move(values));
    const size_t leaf = first / outputs_;
    if (leaf < nodes.weights.size) out.add("weight", nodes.weights[leaf]);
    return out;
  }

  const ForeignSource& source_;
  std::string_view rest_;
  FlatBuffer buffer_;
  size_t outputs_ = 1;
  std::vector<BinarySplit> splits_;    // in the order in which trees number them
  std::set<uint32_t> hashes_;          // of one-hot categories
  std::vector<uint64_t> single_keys_;  // of statistics of one category feature
};

}  // namespace

JsonValue read_catboost_binary(std::string_view bytes, const char* function) {
  const ForeignSource source{function, "CatBoost", bytes.size()};
  return BinaryReader(bytes, source).read();
}

}  // namespace cne::gbdt
