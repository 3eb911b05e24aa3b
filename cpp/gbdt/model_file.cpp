#include "gbdt/model_file.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <type_traits>

#include "core/crc32c.h"
#include "core/error.h"
#include "core/file.h"

namespace cne::gbdt {

namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr std::string_view kMagic{"CNEGBDT\n", 8};
constexpr uint32_t kVersion = 2;
constexpr size_t kHeader = 24;  // magic, version, crc32c, payload bytes

class Writer {
 public:
  template <typename T>
  void put(T value) {
    static_assert(std::is_arithmetic_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  template <typename T>
  void put_all(const std::vector<T>& values) {
    put(static_cast<uint32_t>(values.size()));
    for (const T& value : values) put(value);
  }
  void put_text(const std::string& text) {
    put(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  Reader(std::string_view bytes, const char* function) : bytes_(bytes), function_(function) {}

  template <typename T>
  T get() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  /// A length whose elements, `least` bytes each, can still follow: no huge allocations.
  uint32_t get_count(size_t least) {
    const auto count = get<uint32_t>();
    if (count > (bytes_.size() - at_) / least) broken("a length is beyond the end");
    return count;
  }
  template <typename T>
  std::vector<T> get_all() {
    std::vector<T> out(get_count(sizeof(T)));
    for (T& value : out) value = get<T>();
    return out;
  }
  std::string get_text() {
    const uint32_t size = get_count(1);
    return std::string(take(size));
  }
  bool get_flag() {
    const auto flag = get<uint8_t>();
    if (flag > 1) broken("a flag is neither 0 nor 1");
    return flag == 1;
  }
  bool done() const { return at_ == bytes_.size(); }
  [[noreturn]] void broken(const char* what) const {
    throw CorruptionError(message(function_, ": not a whole cnengine model: ", what, " (byte ", at_,
                                  " of ", bytes_.size(), ")"));
  }

 private:
  std::string_view take(size_t size) {
    if (size > bytes_.size() - at_) broken("it ends too early");
    const std::string_view part = bytes_.substr(at_, size);
    at_ += size;
    return part;
  }
  std::string_view bytes_;
  const char* function_;
  size_t at_ = 0;
};

void write_tree(Writer& out, const Tree& tree) {
  out.put(static_cast<uint32_t>(tree.nodes.size()));
  for (const TreeNode& node : tree.nodes) {
    out.put(node.threshold);
    out.put(node.gain);
    out.put(node.value);
    out.put(node.weight);
    out.put(node.rows);
    out.put(node.feature);
    out.put(node.left);
    out.put(node.right);
    out.put(node.category_set);
    out.put(static_cast<uint8_t>(node.missing_left));
    out.put(static_cast<uint8_t>(node.unknown_left));
  }
  out.put(tree.output);
  out.put(tree.width);
  out.put_all(tree.leaf_values);
  out.put_all(tree.leaf_weights);
  out.put_all(tree.leaf_rows);
  out.put(static_cast<uint32_t>(tree.category_sets.size()));
  for (const CategorySet& set : tree.category_sets) out.put_all(set);
  out.put_all(tree.linear.constants);
  out.put_all(tree.linear.begin);
  out.put_all(tree.linear.features);
  out.put_all(tree.linear.coefficients);
}

Tree read_tree(Reader& in) {
  constexpr size_t kNodeBytes = 5 * 8 + 4 * 4 + 2;
  Tree tree;
  tree.nodes.resize(in.get_count(kNodeBytes));
  for (TreeNode& node : tree.nodes) {
    node.threshold = in.get<double>();
    node.gain = in.get<double>();
    node.value = in.get<double>();
    node.weight = in.get<double>();
    node.rows = in.get<int64_t>();
    node.feature = in.get<int32_t>();
    node.left = in.get<int32_t>();
    node.right = in.get<int32_t>();
    node.category_set = in.get<int32_t>();
    node.missing_left = in.get_flag();
    node.unknown_left = in.get_flag();
    if (node.category_set < -1) in.broken("a category set has a negative number");
  }
  tree.output = in.get<int32_t>();
  tree.width = in.get<int32_t>();
  tree.leaf_values = in.get_all<double>();
  tree.leaf_weights = in.get_all<double>();
  tree.leaf_rows = in.get_all<int64_t>();
  tree.category_sets.resize(in.get_count(4));
  for (CategorySet& set : tree.category_sets) set = in.get_all<uint64_t>();
  tree.linear.constants = in.get_all<double>();
  tree.linear.begin = in.get_all<int32_t>();
  tree.linear.features = in.get_all<int32_t>();
  tree.linear.coefficients = in.get_all<double>();
  return tree;
}

void write_part(Writer& out, const std::optional<uint64_t>& part) {
  out.put(static_cast<uint8_t>(part.has_value()));
  out.put(part.value_or(0));
}

std::optional<uint64_t> read_part(Reader& in) {
  const bool there = in.get_flag();
  const auto part = in.get<uint64_t>();
  return there ? std::optional<uint64_t>(part) : std::nullopt;
}

void write_derived(Writer& out, const DerivedFeature& feature) {
  out.put(static_cast<uint32_t>(feature.sources.size()));
  for (const DerivedSource& source : feature.sources) {
    out.put(source.feature);
    out.put(source.border);
    out.put_all(source.parts);
    write_part(out, source.missing);
    write_part(out, source.unknown);
  }
  out.put_all(feature.keys);
  out.put_all(feature.values);
  out.put(feature.fallback);
}

DerivedFeature read_derived(Reader& in) {
  DerivedFeature feature;
  feature.sources.resize(in.get_count(4 + 8 + 4 + 2 * 9));
  for (DerivedSource& source : feature.sources) {
    source.feature = in.get<int32_t>();
    source.border = in.get<double>();
    source.parts = in.get_all<uint64_t>();
    source.missing = read_part(in);
    source.unknown = read_part(in);
  }
  feature.keys = in.get_all<uint64_t>();
  feature.values = in.get_all<double>();
  feature.fallback = in.get<double>();
  return feature;
}

void write_objective(Writer& out, const ObjectiveOptions& o) {
  out.put(static_cast<uint8_t>(o.kind));
  out.put(o.classes);
  out.put(o.outputs);
  out.put(o.truncation);
  out.put(static_cast<uint8_t>(o.normalize));
  out.put(static_cast<uint8_t>(o.aft_noise));
  out.put_all(o.quantiles);
  for (const double number :
       {o.huber_delta, o.fair_c, o.tweedie_power, o.max_delta_step, o.focal_gamma, o.focal_alpha,
        o.sigmoid, o.scale_pos_weight, o.aft_scale})
    out.put(number);
}

ObjectiveOptions read_objective(Reader& in) {
  ObjectiveOptions o;
  const auto kind = in.get<uint8_t>();
  if (kind > static_cast<uint8_t>(Objective::kCustom)) in.broken("unknown objective");
  o.kind = static_cast<Objective>(kind);
  o.classes = in.get<int32_t>();
  o.outputs = in.get<int32_t>();
  if (o.classes < 1 || o.outputs < 1) in.broken("fewer than one output");
  o.truncation = in.get<int32_t>();
  o.normalize = in.get_flag();
  const auto noise = in.get<uint8_t>();
  if (noise > static_cast<uint8_t>(AftNoise::kExtreme)) in.broken("unknown noise");
  o.aft_noise = static_cast<AftNoise>(noise);
  o.quantiles = in.get_all<double>();
  for (double* number :
       {&o.huber_delta, &o.fair_c, &o.tweedie_power, &o.max_delta_step, &o.focal_gamma,
        &o.focal_alpha, &o.sigmoid, &o.scale_pos_weight, &o.aft_scale}) {
    *number = in.get<double>();
    if (!std::isfinite(*number)) in.broken("a number of the objective is not finite");
  }
  return o;
}

std::string payload_of(const Model& model) {
  Writer out;
  write_objective(out, model.objective);
  out.put_all(model.base_scores);
  out.put(static_cast<uint8_t>(model.float32_inputs));
  out.put(static_cast<uint8_t>(model.float32_sums));
  out.put_text(model.attributes);
  out.put(static_cast<uint32_t>(model.features.size()));
  for (const FeatureInfo& feature : model.features) {
    out.put_text(feature.name);
    out.put(static_cast<uint8_t>(feature.categorical));
    out.put(static_cast<uint8_t>(feature.zero_is_missing));
    out.put_all(feature.categories);
    out.put(static_cast<uint32_t>(feature.levels.size()));
    for (const std::string& level : feature.levels) out.put_text(level);
  }
  out.put(static_cast<uint32_t>(model.derived.size()));
  for (const DerivedFeature& feature : model.derived) write_derived(out, feature);
  out.put(static_cast<uint32_t>(model.trees.size()));
  for (const Tree& tree : model.trees) write_tree(out, tree);
  return out.take();
}

Model read_payload(std::string_view payload, const char* function) {
  Reader in(payload, function);
  Model model;
  model.objective = read_objective(in);
  model.base_scores = in.get_all<double>();
  for (const double score : model.base_scores)
    if (!std::isfinite(score)) in.broken("a base score is not finite");
  if (model.base_scores.empty() || model.outputs() != output_count(model.objective))
    in.broken("the base scores do not fit the objective");
  model.float32_inputs = in.get_flag();
  model.float32_sums = in.get_flag();
  model.attributes = in.get_text();
  model.features.resize(in.get_count(4 + 2 + 4 + 4));
  for (FeatureInfo& feature : model.features) {
    feature.name = in.get_text();
    feature.categorical = in.get_flag();
    feature.zero_is_missing = in.get_flag();
    feature.categories = in.get_all<double>();
    feature.levels.resize(in.get_count(4));
    for (std::string& level : feature.levels) level = in.get_text();
  }
  model.derived.resize(in.get_count(4 * 3 + 8));
  for (DerivedFeature& feature : model.derived) feature = read_derived(in);
  model.trees.resize(in.get_count(4 * 11));
  for (Tree& tree : model.trees) tree = read_tree(in);
  if (!in.done()) in.broken("bytes follow its end");
  return model;
}

}  // namespace

std::string serialize(const Model& model) {
  const std::string payload = payload_of(model);
  Writer header;
  header.put(kVersion);
  header.put(crc32c(payload.data(), payload.size()));
  header.put(static_cast<uint64_t>(payload.size()));
  return std::string(kMagic) + header.take() + payload;
}

Model deserialize(std::string_view bytes, const char* function) {
  Reader in(bytes, function);
  if (bytes.substr(0, kMagic.size()) != kMagic) in.broken("it does not begin as one");
  in.get<uint64_t>();
  const auto version = in.get<uint32_t>();
  if (version == 0) in.broken("version 0");
  if (version > kVersion)
    throw UnsupportedError(message(function, ": expected a model of format version ", kVersion,
                                   " or older, got version ", version));
  const auto checksum = in.get<uint32_t>();
  const auto size = in.get<uint64_t>();
  if (size != bytes.size() - kHeader) in.broken("its length does not fit its header");
  const std::string_view payload = bytes.substr(kHeader);
  if (crc32c(payload.data(), payload.size()) != checksum) in.broken("its checksum does not match");
  return read_payload(payload, function);
}

void save_model(const Model& model, const std::string& path) {
  write_file_atomic(path, serialize(model));
}

Model load_model(const std::string& path) {
  return deserialize(read_file(path), ("load_model: " + path).c_str());
}

}  // namespace cne::gbdt
