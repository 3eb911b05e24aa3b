#include "feature/lookup.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "feature/column_builder.h"

namespace cne::feature {

namespace {

// Keys whose rows are under way at once; measured: 8 to 16 are equally good.
constexpr int64_t kAhead = 12;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double decode(const uint64_t* row, const FeatureSlot& slot) {
  if (!((load_word(row + slot.valid_word) >> slot.valid_bit) & 1)) return kNaN;
  const uint64_t word = load_word(row + slot.word);
  const uint64_t shifted = word >> slot.shift;
  switch (slot.type) {
    case DType::kFloat64:
      return std::bit_cast<double>(word);
    case DType::kFloat32:
      return std::bit_cast<float>(static_cast<uint32_t>(shifted));
    case DType::kBool:
      return static_cast<double>(shifted & 1);
    case DType::kInt8:
      return static_cast<int8_t>(shifted);
    case DType::kInt16:
      return static_cast<int16_t>(shifted);
    case DType::kInt32:
    case DType::kDate:
      return static_cast<int32_t>(shifted);
    case DType::kUInt8:
      return static_cast<uint8_t>(shifted);
    case DType::kUInt16:
      return static_cast<uint16_t>(shifted);
    case DType::kUInt32:
      return static_cast<uint32_t>(shifted);
    case DType::kUInt64:
      return static_cast<double>(word);
    default:
      return static_cast<double>(static_cast<int64_t>(word));
  }
}

bool is_visible(const uint64_t* row, Visibility visibility) {
  return visibility.sees(static_cast<int64_t>(load_word(row + kEventWord)),
                         static_cast<int64_t>(load_word(row + kCreatedWord)));
}

void read_line(const uint64_t* row, const MatrixReads& reads, double* line) {
  const size_t count = reads.slots.size();
  if (reads.plain && (load_word(row) & reads.all_valid) == reads.all_valid) {
    if (reads.adjacent) {
      const uint64_t* from = row + reads.slots[0].word;
      double* to = line + reads.columns[0];
      for (size_t j = 0; j < count; ++j) to[j] = std::bit_cast<double>(load_word(from + j));
      return;
    }
    for (size_t j = 0; j < count; ++j)
      line[reads.columns[j]] = std::bit_cast<double>(load_word(row + reads.slots[j].word));
    return;
  }
  for (size_t j = 0; j < count; ++j) line[reads.columns[j]] = decode(row, reads.slots[j]);
}

/// Calls `each(i)` on all keys in order, the memory that it will read being fetched ahead: the row
/// of a key some keys ahead, and the bucket of one further on.
template <typename Each>
void for_each_key(const OnlineStore& store, const KeyBatch& keys, Each&& each) {
  if (keys.rows == 1) return each(0);
  const int64_t rows = keys.rows;
  for (int64_t i = 0; i < std::min(2 * kAhead, rows); ++i) store.prefetch_bucket(keys.hash[i]);
  for (int64_t i = 0; i < std::min(kAhead, rows); ++i) store.prefetch_row(keys.hash[i]);
  for (int64_t i = 0; i < rows; ++i) {
    if (i + 2 * kAhead < rows) store.prefetch_bucket(keys.hash[i + 2 * kAhead]);
    if (i + kAhead < rows) store.prefetch_row(keys.hash[i + kAhead]);
    each(i);
  }
}

}  // namespace

MatrixReads::MatrixReads(const Schema& schema, const std::vector<uint32_t>& features,
                         std::vector<int64_t> to)
    : columns(std::move(to)) {
  // Where features lie does not depend on the key, which comes last.
  const RowLayout layout(schema, 1);
  plain = true;
  adjacent = true;
  for (size_t j = 0; j < features.size(); ++j) {
    const FeatureSlot& slot = layout.slots()[features[j]];
    slots.push_back(slot);
    plain = plain && slot.type == DType::kFloat64 && slot.valid_word == 0;
    all_valid |= uint64_t{1} << slot.valid_bit;
    adjacent = adjacent && slot.word == slots[0].word + j &&
               columns[j] == columns[0] + static_cast<int64_t>(j);
  }
  adjacent = adjacent && plain;
}

void lookup_matrix(const OnlineStore& store, const KeyBatch& keys, Visibility visibility,
                   const MatrixReads& reads, int64_t stride, double* out) {
  for_each_key(store, keys, [&](int64_t i) {
    double* line = out + i * stride;
    bool visible = false;
    const auto visit = [&](const uint64_t* row, uint64_t) {
      visible = is_visible(row, visibility);
      if (visible) read_line(row, reads, line);
    };
    const bool found = keys.known[i] && store.read(keys.at(i), visit);
    if (found && visible) return;
    for (const int64_t column : reads.columns) line[column] = kNaN;
  });
}

std::vector<Column> lookup_columns(const OnlineStore& store, const KeyBatch& keys,
                                   Visibility visibility, const std::vector<FeatureSlot>& slots,
                                   const std::vector<DataType>& types) {
  std::vector<ColumnBuilder> builders;
  for (const DataType& type : types) builders.emplace_back(type, keys.rows);
  std::vector<uint64_t> words(slots.size());
  std::vector<uint8_t> valid(slots.size());
  std::vector<std::string> texts(slots.size());
  for_each_key(store, keys, [&](int64_t i) {
    bool visible = false;
    const auto visit = [&](const uint64_t* row, uint64_t header) {
      visible = is_visible(row, visibility);
      if (!visible) return;
      for (size_t j = 0; j < slots.size(); ++j) {
        valid[j] = (load_word(row + slots[j].valid_word) >> slots[j].valid_bit) & 1;
        words[j] = load_word(row + slots[j].word) >> slots[j].shift;
      }
      // Only now are the addresses among the words known to be some; if not, this is tried again.
      if (!is_current(row, header)) return;
      for (size_t j = 0; j < slots.size(); ++j) {
        if (slots[j].type != DType::kUtf8 || !valid[j]) continue;
        texts[j].clear();
        append_text(reinterpret_cast<const uint64_t*>(words[j]), texts[j]);
      }
    };
    const bool found = keys.known[i] && store.read(keys.at(i), visit) && visible;
    for (size_t j = 0; j < slots.size(); ++j) {
      if (!found || !valid[j])
        builders[j].add_null();
      else if (slots[j].type == DType::kUtf8)
        builders[j].add_text(texts[j]);
      else
        builders[j].add_word(words[j]);
    }
  });
  std::vector<Column> out;
  for (ColumnBuilder& builder : builders) out.push_back(builder.finish());
  return out;
}

}  // namespace cne::feature
