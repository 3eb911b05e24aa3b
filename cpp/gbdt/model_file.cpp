#include "gbdt/model_file.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "core/crc32c.h"
#include "core/error.h"
#include "core/file.h"

namespace cne::gbdt {

namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr std::string_view kMagic{"CNEGBDT\n", 8};
constexpr uint32_t kVersion = 1;
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
  std::vector<double> get_numbers() {
    std::vector<double> out(get_count(sizeof(double)));
    for (double& value : out) value = get<double>();
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
    out.put(node.rows);
    out.put(node.feature);
    out.put(node.left);
    out.put(node.right);
    out.put(node.category_set);
    out.put(static_cast<uint8_t>(node.missing_left));
  }
  out.put_all(tree.leaf_values);
  out.put(static_cast<uint32_t>(tree.category_sets.size()));
  for (const BinSet& set : tree.category_sets)
    for (const uint64_t word : set) out.put(word);
}

Tree read_tree(Reader& in) {
  constexpr size_t kNodeBytes = 8 + 8 + 8 + 4 * 4 + 1;
  Tree tree;
  tree.nodes.resize(in.get_count(kNodeBytes));
  for (TreeNode& node : tree.nodes) {
    node.threshold = in.get<double>();
    node.gain = in.get<double>();
    node.rows = in.get<int64_t>();
    node.feature = in.get<int32_t>();
    node.left = in.get<int32_t>();
    node.right = in.get<int32_t>();
    node.category_set = in.get<int32_t>();
    node.missing_left = in.get_flag();
    if (node.category_set < -1) in.broken("a category set has a negative number");
  }
  tree.leaf_values = in.get_numbers();
  tree.category_sets.resize(in.get_count(sizeof(BinSet)));
  for (BinSet& set : tree.category_sets)
    for (uint64_t& word : set) word = in.get<uint64_t>();
  return tree;
}

std::string payload_of(const Model& model) {
  Writer out;
  out.put(static_cast<uint8_t>(model.objective));
  out.put(model.base_score);
  out.put_text(model.attributes);
  out.put(static_cast<uint32_t>(model.features.size()));
  for (const FeatureInfo& feature : model.features) {
    out.put_text(feature.name);
    out.put(static_cast<uint8_t>(feature.categorical));
    out.put_all(feature.categories);
    out.put(static_cast<uint32_t>(feature.levels.size()));
    for (const std::string& level : feature.levels) out.put_text(level);
  }
  out.put(static_cast<uint32_t>(model.trees.size()));
  for (const Tree& tree : model.trees) write_tree(out, tree);
  return out.take();
}

Model read_payload(std::string_view payload, const char* function) {
  Reader in(payload, function);
  Model model;
  const auto objective = in.get<uint8_t>();
  if (objective > static_cast<uint8_t>(Objective::kBinaryLogLoss)) in.broken("unknown objective");
  model.objective = static_cast<Objective>(objective);
  model.base_score = in.get<double>();
  if (!std::isfinite(model.base_score)) in.broken("the base score is not finite");
  model.attributes = in.get_text();
  model.features.resize(in.get_count(4 + 1 + 4 + 4));
  for (FeatureInfo& feature : model.features) {
    feature.name = in.get_text();
    feature.categorical = in.get_flag();
    feature.categories = in.get_numbers();
    feature.levels.resize(in.get_count(4));
    for (std::string& level : feature.levels) level = in.get_text();
  }
  model.trees.resize(in.get_count(4 + 4 + 8 + 4));
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
