#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/column.h"
#include "core/hash.h"
#include "feature/feature_schema.h"

namespace cne::feature {

/// The key of one entity as the tables compare it; views a KeyBatch.
struct EntityKey {
  const uint64_t* words = nullptr;
  uint64_t hash = 0;
  std::string_view bytes;  // text keys only
};

/// The hash of a key without text.
inline uint64_t hash_words(const uint64_t* words, uint32_t count) {
  uint64_t hash = 0;
  for (uint32_t w = 0; w < count; ++w) hash = hash_u64(words[w] + hash * 0x9e3779b97f4a7c15ULL);
  return hash;
}

/// Keys of many entities in the form of the online row: without text one word a column; with text
/// two words, either up to 15 bytes and their length (in the top byte), or, for longer keys,
/// nothing and 56 bits of the hash under 0xff. Reused between calls to save allocations.
struct KeyBatch {
  int64_t rows = 0;
  uint32_t words = 1;
  bool text = false;
  std::vector<uint64_t> key;   // rows * words
  std::vector<uint64_t> hash;  // rows
  std::vector<std::string_view> bytes;
  /// 0: null or outside the type of the entity, so that no entity has this key.
  std::vector<uint8_t> known;
  std::string storage;  // of keys put together from several columns

  EntityKey at(int64_t i) const {
    return {key.data() + i * words, hash[i], text ? bytes[i] : std::string_view()};
  }
  void reset(int64_t row_count, uint32_t word_count, bool is_text);
  void set_word(int64_t i, uint64_t word) {
    key[i] = word;
    hash[i] = hash_words(&word, 1);
  }
  void set_text(int64_t i, std::string_view value);
};

inline constexpr uint64_t kLongKey = 0xffULL << 56;
inline bool is_long_key(const uint64_t* words) { return words[1] >= kLongKey; }

uint32_t key_word_count(const std::vector<DataType>& types);
bool has_text(const std::vector<DataType>& types);

/// Whether values of `given` can be keys of an entity of type `declared`: any integer for an
/// integer, any unit for a timestamp.
bool is_key_compatible(const DataType& declared, const DataType& given);

/// Reads the key columns (in the order of the view's entities, equally long) into `out`, which
/// views the text of the columns. Throws TypeError that names `function`, the entity and the view
/// when a type does not match; a column of nulls only fits all types.
void encode_keys(const ViewSpec& spec, const std::vector<Column>& columns, const char* function,
                 KeyBatch& out);

}  // namespace cne::feature
