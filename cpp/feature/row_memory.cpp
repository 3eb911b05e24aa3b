#include "feature/row_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cne::feature {

namespace {

constexpr size_t kLargePage = size_t{1} << 21;
constexpr size_t kLargestChunk = size_t{1} << 26;

size_t text_words(size_t length) { return std::bit_ceil(1 + (length + 7) / 8); }

}  // namespace

void* allocate_pages(size_t size) {
  const bool large = size >= kLargePage;
  const size_t alignment = large ? kLargePage : 64;
  size = (size + alignment - 1) / alignment * alignment;
  void* out = std::aligned_alloc(alignment, size);
  if (out == nullptr) throw std::bad_alloc();
  // Refusal is fine: large pages only save misses of the address cache.
  if (large) madvise(out, size, MADV_HUGEPAGE);
  std::memset(out, 0, size);
  return out;
}

RowMemory::~RowMemory() {
  for (void* chunk : chunks_) std::free(chunk);
}

uint64_t* RowMemory::take(size_t words) {
  if (words > left_) {
    const size_t size = std::max(chunk_bytes_, words * 8);
    chunks_.reserve(chunks_.size() + 1);
    next_ = static_cast<uint64_t*>(allocate_pages(size));
    chunks_.push_back(next_);
    left_ = size / 8;
    bytes_ += size;
    chunk_bytes_ = std::min(kLargestChunk, chunk_bytes_ * 2);
  }
  uint64_t* out = next_;
  next_ += words;
  left_ -= words;
  return out;
}

uint64_t* RowMemory::allocate_row() {
  if (free_rows_.empty()) return take(row_words_);
  uint64_t* row = free_rows_.back();
  free_rows_.pop_back();
  return row;
}

uint64_t* RowMemory::allocate_text(std::string_view text) {
  const size_t words = text_words(text.size());
  auto& free = free_texts_[std::countr_zero(words)];
  uint64_t* block;
  if (free.empty()) {
    block = take(words);
  } else {
    block = free.back();
    free.pop_back();
  }
  store_word(block, text.size());
  for (size_t w = 0; w * 8 < text.size(); ++w) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + w * 8, std::min<size_t>(8, text.size() - w * 8));
    store_word(block + 1 + w, word);
  }
  return block;
}

void RowMemory::free_text(uint64_t* block) {
  const size_t words = text_words(static_cast<uint32_t>(load_word(block)));
  free_texts_[std::countr_zero(words)].push_back(block);
}

bool equal_text(const uint64_t* block, std::string_view text) {
  if (load_word(block) != text.size()) return false;
  for (size_t w = 0; w * 8 < text.size(); ++w) {
    uint64_t expected = 0;
    std::memcpy(&expected, text.data() + w * 8, std::min<size_t>(8, text.size() - w * 8));
    if (load_word(block + 1 + w) != expected) return false;
  }
  return true;
}

}  // namespace cne::feature
