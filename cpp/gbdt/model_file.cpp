#include "gbdt/model_file.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#include "core/crc32c.h"
#include "core/error.h"
#include "core/file.h"
#include "gbdt/model_head.h"

namespace cne::gbdt {

namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr std::string_view kMagic{"CNEGBDT\n", 8};
constexpr uint32_t kVersion = 2;
constexpr size_t kHeader = 24;  // magic, version, crc32c, payload bytes
constexpr size_t kAlignment = 64;

/// The arrays of a file; each holds those of all trees one after the other.
enum SectionName : uint32_t {
  kHead,
  kTrees,
  kNodes,
  kLeafValues,
  kLeafWeights,
  kLeafRows,
  kSetWords,  // how many words each category set has
  kSets,
  kLinearConstants,
  kLinearBegins,
  kLinearFeatures,
  kLinearCoefficients,
  kSections,
};

struct SectionEntry {
  uint32_t name;
  uint32_t element_bytes;
  uint64_t offset;  // from the beginning of the file, a multiple of 64
  uint64_t count;   // of elements
};
static_assert(sizeof(SectionEntry) == 24);

struct TreeEntry {
  int32_t output;
  int32_t width;
  uint32_t nodes;
  uint32_t category_sets;
  uint32_t linear;  // 0 or 1
  uint32_t coefficients;
};
static_assert(sizeof(TreeEntry) == 24);

// Nodes lie in the file as in memory, with zeros between the flags and the numbers.
constexpr size_t kFlags = offsetof(TreeNode, missing_left);
static_assert(sizeof(TreeNode) == 64 && offsetof(TreeNode, threshold) == 0 &&
              offsetof(TreeNode, feature) == 8 && offsetof(TreeNode, left) == 12 &&
              offsetof(TreeNode, right) == 16 && offsetof(TreeNode, category_set) == 20 &&
              kFlags == 24 && offsetof(TreeNode, unknown_left) == 25 &&
              offsetof(TreeNode, gain) == 32 && offsetof(TreeNode, value) == 40 &&
              offsetof(TreeNode, weight) == 48 && offsetof(TreeNode, rows) == 56);

template <typename T>
void append(std::string& out, const T* values, size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}
template <typename T>
void append(std::string& out, const std::vector<T>& values) {
  append(out, values.data(), values.size());
}

void append_node(std::string& out, const TreeNode& node) {
  const size_t begin = out.size();
  append(out, &node, 1);
  std::memset(out.data() + begin + kFlags + 2, 0, 6);
}

using Sections = std::array<std::string, kSections>;
constexpr std::array<uint32_t, kSections> kElementBytes{
    1, sizeof(TreeEntry), sizeof(TreeNode), 8, 8, 8, 4, 8, 8, 4, 4, 8};

Sections sections_of(const Model& model) {
  Sections out;
  ModelWriter head;
  write_head(head, model);
  out[kHead] = head.take();
  for (const Tree& tree : model.trees) {
    const TreeEntry entry{tree.output,
                          tree.width,
                          static_cast<uint32_t>(tree.nodes.size()),
                          static_cast<uint32_t>(tree.category_sets.size()),
                          static_cast<uint32_t>(!tree.linear.empty()),
                          static_cast<uint32_t>(tree.linear.coefficients.size())};
    append(out[kTrees], &entry, 1);
    for (const TreeNode& node : tree.nodes) append_node(out[kNodes], node);
    append(out[kLeafValues], tree.leaf_values);
    append(out[kLeafWeights], tree.leaf_weights);
    append(out[kLeafRows], tree.leaf_rows);
    for (const CategorySet& set : tree.category_sets) {
      const auto words = static_cast<uint32_t>(set.size());
      append(out[kSetWords], &words, 1);
      append(out[kSets], set);
    }
    append(out[kLinearConstants], tree.linear.constants);
    append(out[kLinearBegins], tree.linear.begin);
    append(out[kLinearFeatures], tree.linear.features);
    append(out[kLinearCoefficients], tree.linear.coefficients);
  }
  return out;
}

size_t aligned(size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

std::string payload_of(const Model& model) {
  const Sections sections = sections_of(model);
  ModelWriter table;
  table.put(static_cast<uint32_t>(kSections));
  table.put(uint32_t{0});
  size_t end = kHeader + 8 + kSections * sizeof(SectionEntry);
  for (uint32_t name = 0; name < kSections; ++name) {
    const size_t offset = aligned(end);
    table.put(name);
    table.put(kElementBytes[name]);
    table.put(static_cast<uint64_t>(offset));
    table.put(static_cast<uint64_t>(sections[name].size() / kElementBytes[name]));
    end = offset + sections[name].size();
  }
  std::string out = table.take();
  for (const std::string& section : sections) {
    out.resize(aligned(kHeader + out.size()) - kHeader);
    out += section;
  }
  return out;
}

/// One section, taken from its beginning.
class Section {
 public:
  Section() = default;
  Section(std::string_view bytes, const char* function) : bytes_(bytes), function_(function) {}

  size_t bytes() const { return bytes_.size(); }
  std::string_view take_bytes(uint64_t count, size_t element_bytes) {
    if (count > bytes_.size() / element_bytes) broken("a section is too short");
    const std::string_view out = bytes_.substr(0, count * element_bytes);
    bytes_.remove_prefix(out.size());
    return out;
  }
  template <typename T>
  std::vector<T> take(uint64_t count) {
    const std::string_view from = take_bytes(count, sizeof(T));
    std::vector<T> out(count);
    if (count > 0) std::memcpy(out.data(), from.data(), from.size());
    return out;
  }
  [[noreturn]] void broken(const char* what) const {
    throw CorruptionError(message(function_, ": not a whole cnengine model: ", what));
  }

 private:
  std::string_view bytes_;
  const char* function_ = "";
};

std::array<Section, kSections> find_sections(std::string_view file, const char* function) {
  ModelReader in(file.substr(kHeader), function);
  if (in.get<uint32_t>() != kSections || in.get<uint32_t>() != 0)
    in.broken("its number of sections is another");
  std::array<Section, kSections> out;
  for (uint32_t name = 0; name < kSections; ++name) {
    const auto found = in.get<uint32_t>();
    const auto element_bytes = in.get<uint32_t>();
    const auto offset = in.get<uint64_t>();
    const auto count = in.get<uint64_t>();
    if (found != name || element_bytes != kElementBytes[name] || offset % kAlignment != 0 ||
        offset > file.size() || count > (file.size() - offset) / element_bytes)
      in.broken("a section is not where it should be");
    out[name] = Section(file.substr(offset, count * element_bytes), function);
  }
  return out;
}

std::vector<TreeNode> take_nodes(Section& section, uint32_t count) {
  const std::string_view bytes = section.take_bytes(count, sizeof(TreeNode));
  for (size_t at = kFlags; at < bytes.size(); at += sizeof(TreeNode))
    if ((bytes[at] & ~1) != 0 || (bytes[at + 1] & ~1) != 0)
      section.broken("a flag is neither 0 nor 1");
  std::vector<TreeNode> nodes(count);
  if (count > 0) std::memcpy(static_cast<void*>(nodes.data()), bytes.data(), bytes.size());
  for (const TreeNode& node : nodes)
    if (node.category_set < -1) section.broken("a category set has a negative number");
  return nodes;
}

Tree take_tree(std::array<Section, kSections>& in) {
  const TreeEntry entry = in[kTrees].take<TreeEntry>(1)[0];
  if (entry.width < 1 || entry.linear > 1 || (entry.linear == 0 && entry.coefficients > 0))
    in[kTrees].broken("a number of a tree is out of range");
  const uint64_t leaves = uint64_t{entry.nodes} + 1;
  Tree tree;
  tree.output = entry.output;
  tree.width = entry.width;
  tree.nodes = take_nodes(in[kNodes], entry.nodes);
  tree.leaf_values = in[kLeafValues].take<double>(leaves * static_cast<uint64_t>(entry.width));
  tree.leaf_weights = in[kLeafWeights].take<double>(leaves);
  tree.leaf_rows = in[kLeafRows].take<int64_t>(leaves);
  for (const uint32_t words : in[kSetWords].take<uint32_t>(entry.category_sets))
    tree.category_sets.push_back(in[kSets].take<uint64_t>(words));
  if (entry.linear == 0) return tree;
  tree.linear.constants = in[kLinearConstants].take<double>(leaves);
  tree.linear.begin = in[kLinearBegins].take<int32_t>(leaves + 1);
  tree.linear.features = in[kLinearFeatures].take<int32_t>(entry.coefficients);
  tree.linear.coefficients = in[kLinearCoefficients].take<double>(entry.coefficients);
  return tree;
}

Model read_sections(std::string_view file, const char* function) {
  std::array<Section, kSections> in = find_sections(file, function);
  const std::string_view head = in[kHead].take_bytes(in[kHead].bytes(), 1);
  ModelReader reader(head, function);
  Model model = read_head(reader);
  while (in[kTrees].bytes() > 0) model.trees.push_back(take_tree(in));
  for (const Section& section : in)
    if (section.bytes() > 0) section.broken("numbers follow those of the trees");
  return model;
}

}  // namespace

std::string serialize(const Model& model) {
  const std::string payload = payload_of(model);
  ModelWriter header;
  header.put(kVersion);
  header.put(crc32c(payload.data(), payload.size()));
  header.put(static_cast<uint64_t>(payload.size()));
  return std::string(kMagic) + header.take() + payload;
}

Model deserialize(std::string_view bytes, const char* function) {
  ModelReader in(bytes, function);
  if (bytes.substr(0, kMagic.size()) != kMagic) in.broken("it does not begin as one");
  in.get<uint64_t>();
  const auto version = in.get<uint32_t>();
  if (version == 0) in.broken("version 0");
  if (version != kVersion)
    throw UnsupportedError(message(function, ": expected a model of format version ", kVersion,
                                   ", got version ", version));
  const auto checksum = in.get<uint32_t>();
  const auto size = in.get<uint64_t>();
  if (size != bytes.size() - kHeader) in.broken("its length does not fit its header");
  const std::string_view payload = bytes.substr(kHeader);
  if (crc32c(payload.data(), payload.size()) != checksum) in.broken("its checksum does not match");
  return read_sections(bytes, function);
}

void save_model(const Model& model, const std::string& path) {
  write_file_atomic(path, serialize(model));
}

Model load_model(const std::string& path) {
  const Buffer file = map_file(path);
  return deserialize({reinterpret_cast<const char*>(file.data()), file.size()},
                     ("load_model: " + path).c_str());
}

}  // namespace cne::gbdt
