#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "feature/row_layout.h"

namespace cne::feature {

/// Memory of rows and texts that is never given back while the store lives, so that a reader who
/// still holds an address always reads a row or a text block there: an older one, a newer one or
/// that of another entity, which the row's generation tells. A word of a row in change may be
/// anything: it is the address of a block only if the row's header was the same before and after
/// the word was read. Only the writer calls the non-const functions.
///
/// A text block is a power of two of words: the length in the first, then the bytes. A block keeps
/// its size for life, so that even a torn length never leads outside of it.
class RowMemory {
 public:
  explicit RowMemory(uint32_t row_words) : row_words_(row_words) {}
  RowMemory(const RowMemory&) = delete;
  RowMemory& operator=(const RowMemory&) = delete;
  ~RowMemory();

  /// A row that nobody refers to; its header is even when it is fresh and odd when it was used.
  uint64_t* allocate_row();
  /// Takes back a row whose generation is odd already.
  void free_row(uint64_t* row) { free_rows_.push_back(row); }

  uint64_t* allocate_text(std::string_view text);
  void free_text(uint64_t* block);

  /// Bytes taken from the system.
  uint64_t bytes() const { return bytes_; }

 private:
  uint64_t* take(size_t words);

  uint32_t row_words_;
  std::vector<void*> chunks_;
  uint64_t* next_ = nullptr;
  size_t left_ = 0;  // words
  size_t chunk_bytes_ = size_t{1} << 14;
  uint64_t bytes_ = 0;
  std::vector<uint64_t*> free_rows_;
  std::array<std::vector<uint64_t*>, 40> free_texts_;
};

/// Zeroed memory aligned to a cache line, on large pages where they help. Freed by std::free.
/// Throws std::bad_alloc.
void* allocate_pages(size_t size);

/// Appends the text of a block to `out`; any thread. The content is whole only when the row that
/// named the block still has the same generation afterwards.
template <typename String>
void append_text(const uint64_t* block, String& out) {
  const uint64_t head = load_word(block);
  const auto length = static_cast<uint32_t>(head);
  const size_t start = out.size();
  const size_t words = (static_cast<size_t>(length) + 7) / 8;
  out.resize(start + words * 8);
  for (size_t w = 0; w < words; ++w) {
    const uint64_t word = load_word(block + 1 + w);
    __builtin_memcpy(out.data() + start + w * 8, &word, 8);
  }
  out.resize(start + length);
}
/// Whether a block holds exactly `text`.
bool equal_text(const uint64_t* block, std::string_view text);

}  // namespace cne::feature
