#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "feature/feature_schema.h"

namespace cne::feature {

/// Words of rows are shared between one writer and many readers, so every access is atomic. The
/// orders are those of a sequence lock without fences: data is written with release after the
/// header went odd, and read with acquire before the header is read again. On x86 all of these are
/// plain moves.
inline uint64_t load_word(const uint64_t* p) {
  return std::atomic_ref<uint64_t>(*const_cast<uint64_t*>(p)).load(std::memory_order_acquire);
}
inline void store_word(uint64_t* p, uint64_t value) {
  std::atomic_ref<uint64_t>(*p).store(value, std::memory_order_release);
}

/// Whether a row still has the header it had before its words were read: then these belong
/// together, and the addresses among them are of text blocks.
inline bool is_current(const uint64_t* row, uint64_t header) { return load_word(row) == header; }

/// Where a feature lies in a row.
struct FeatureSlot {
  DType type = DType::kFloat64;
  uint32_t word = 0;        // utf8: the word holds the address of a text block, 0 for null
  uint32_t shift = 0;       // bits to shift the word right
  uint32_t valid_word = 0;  // word 0 has the validity of the first 32 features in its high half
  uint32_t valid_bit = 0;
};

/// How the online store lays out one entity's row, in words of 8 bytes:
///
///   0        low half: generation, odd while the row is being replaced;
///            high half: validity of features 0 to 31
///   1, 2     event time and created time, nanoseconds since 1970 UTC
///   ...      validity of features 32 and up, 64 a word
///   ...      values packed by width, 8-byte ones first; text as the address of its block
///   last     the key: one word a column, or two words when a column is text
///
/// 20 float64 features and one key column make 24 words: three cache lines.
class RowLayout {
 public:
  RowLayout() = default;
  RowLayout(const Schema& features, uint32_t key_words);

  const std::vector<FeatureSlot>& slots() const { return slots_; }
  /// Positions of the text features.
  const std::vector<uint32_t>& texts() const { return texts_; }
  uint32_t key_word() const { return key_word_; }
  uint32_t key_words() const { return key_words_; }
  /// Words of a row.
  uint32_t stride() const { return key_word_ + key_words_; }

 private:
  std::vector<FeatureSlot> slots_;
  std::vector<uint32_t> texts_;
  uint32_t key_word_ = 3;
  uint32_t key_words_ = 1;
};

inline constexpr uint32_t kEventWord = 1;
inline constexpr uint32_t kCreatedWord = 2;

}  // namespace cne::feature
