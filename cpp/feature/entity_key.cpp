#include "feature/entity_key.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/error.h"

namespace cne::feature {

namespace {

/// Reads one key column as words; false: no entity can have this value.
class WordReader {
 public:
  WordReader(const DataType& declared, const Column& column) : column_(column) {
    signed_ = is_signed_integer(declared.id) || declared.id == DType::kDate;
    if (declared.id == DType::kTimestamp) {
      const int64_t to = ticks_per_second(declared.unit);
      const int64_t from = ticks_per_second(column.type().unit);
      multiply_ = std::max<int64_t>(1, to / from);
      divide_ = std::max<int64_t>(1, from / to);
      signed_ = true;
    }
  }

  bool read(int64_t i, uint64_t& word) const {
    if (!column_.is_valid(i)) return false;
    switch (column_.type().id) {
      case DType::kBool:
        word = column_.bit(i);
        return true;
      case DType::kInt8:
        return from_signed(column_.values<int8_t>()[i], word);
      case DType::kInt16:
        return from_signed(column_.values<int16_t>()[i], word);
      case DType::kInt32:
      case DType::kDate:
        return from_signed(column_.values<int32_t>()[i], word);
      case DType::kInt64:
        return from_signed(column_.values<int64_t>()[i], word);
      case DType::kUInt8:
        word = column_.values<uint8_t>()[i];
        return true;
      case DType::kUInt16:
        word = column_.values<uint16_t>()[i];
        return true;
      case DType::kUInt32:
        word = column_.values<uint32_t>()[i];
        return true;
      case DType::kUInt64:
        word = column_.values<uint64_t>()[i];
        return !signed_ || word <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
      case DType::kTimestamp:
        return from_time(column_.values<int64_t>()[i], word);
      default:
        return false;
    }
  }

 private:
  bool from_signed(int64_t value, uint64_t& word) const {
    word = static_cast<uint64_t>(value);
    return signed_ || value >= 0;
  }
  bool from_time(int64_t value, uint64_t& word) const {
    int64_t scaled = 0;
    if (value % divide_ != 0 || __builtin_mul_overflow(value / divide_, multiply_, &scaled))
      return false;
    word = static_cast<uint64_t>(scaled);
    return true;
  }

  const Column& column_;
  bool signed_ = false;
  int64_t multiply_ = 1, divide_ = 1;
};

void encode_one_text(const Column& column, KeyBatch& out) {
  const StringView strings = column.strings();
  for (int64_t i = 0; i < out.rows; ++i) {
    out.known[i] = column.is_valid(i);
    out.set_text(i, out.known[i] ? strings[i] : std::string_view());
  }
}

void encode_words(const std::vector<WordReader>& readers, KeyBatch& out) {
  for (int64_t i = 0; i < out.rows; ++i) {
    uint64_t* words = out.key.data() + i * out.words;
    bool known = true;
    for (size_t c = 0; c < readers.size(); ++c) {
      words[c] = 0;
      known &= readers[c].read(i, words[c]);
    }
    out.hash[i] = hash_words(words, out.words);
    out.known[i] = known;
  }
}

/// Several columns with text among them: 8 bytes a word, u32 length and bytes a text.
void encode_mixed(const ViewSpec& spec, const std::vector<Column>& columns,
                  const std::vector<WordReader>& readers, KeyBatch& out) {
  std::vector<size_t> ends(out.rows);
  for (int64_t i = 0; i < out.rows; ++i) {
    bool known = true;
    for (size_t c = 0; c < columns.size(); ++c) {
      if (spec.entity_types[c].id == DType::kUtf8) {
        const bool valid = columns[c].is_valid(i) && is_string(columns[c].type().id);
        const std::string_view text = valid ? columns[c].strings()[i] : std::string_view();
        const auto size = static_cast<uint32_t>(text.size());
        out.storage.append(reinterpret_cast<const char*>(&size), 4).append(text);
        known &= valid;
        continue;
      }
      uint64_t word = 0;
      known &= readers[c].read(i, word);
      out.storage.append(reinterpret_cast<const char*>(&word), 8);
    }
    ends[i] = out.storage.size();
    out.known[i] = known;
  }
  size_t start = 0;
  for (int64_t i = 0; i < out.rows; ++i) {
    out.set_text(i, std::string_view(out.storage).substr(start, ends[i] - start));
    start = ends[i];
  }
}

}  // namespace

void KeyBatch::reset(int64_t row_count, uint32_t word_count, bool is_text) {
  rows = row_count;
  words = word_count;
  text = is_text;
  key.resize(rows * words);
  hash.resize(rows);
  known.resize(rows);
  if (text) bytes.resize(rows);
  storage.clear();
}

void KeyBatch::set_text(int64_t i, std::string_view value) {
  uint64_t w[2] = {0, 0};
  hash[i] = hash_bytes(value.data(), value.size());
  bytes[i] = value;
  if (value.size() <= 15) {
    if (!value.empty()) std::memcpy(w, value.data(), value.size());
    w[1] |= static_cast<uint64_t>(value.size()) << 56;
  } else {
    w[1] = kLongKey | (hash[i] >> 8);
  }
  key[2 * i] = w[0];
  key[2 * i + 1] = w[1];
}

bool has_text(const std::vector<DataType>& types) {
  return std::any_of(types.begin(), types.end(),
                     [](const DataType& t) { return t.id == DType::kUtf8; });
}

uint32_t key_word_count(const std::vector<DataType>& types) {
  return has_text(types) ? 2 : static_cast<uint32_t>(types.size());
}

bool is_key_compatible(const DataType& declared, const DataType& given) {
  if (is_integer(declared.id)) return is_integer(given.id);
  if (declared.id == DType::kUtf8) return is_string(given.id);
  return declared.id == given.id;
}

void encode_keys(const ViewSpec& spec, const std::vector<Column>& columns, const char* function,
                 KeyBatch& out) {
  std::vector<WordReader> readers;
  for (size_t c = 0; c < columns.size(); ++c) {
    const DataType& declared = spec.entity_types[c];
    const Column& column = columns[c];
    if (!is_key_compatible(declared, column.type()) && column.null_count() < column.length())
      throw TypeError(message(function, ": entity \"", spec.entities[c], "\" of view \"", spec.name,
                              "\" is ", to_string(declared), ", got ", to_string(column.type())));
    readers.emplace_back(declared, column);
  }
  const bool text = has_text(spec.entity_types);
  out.reset(columns.front().length(), key_word_count(spec.entity_types), text);
  if (!text)
    encode_words(readers, out);
  else if (columns.size() == 1 && is_string(columns[0].type().id))
    encode_one_text(columns[0], out);
  else
    encode_mixed(spec, columns, readers, out);
}

}  // namespace cne::feature
