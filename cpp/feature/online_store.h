#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "feature/entity_key.h"
#include "feature/row_layout.h"
#include "feature/row_memory.h"

namespace cne::feature {

/// The newest row of every entity of a view, in memory: an open-addressing hash table of buckets of
/// one cache line (eight slots of a 16-bit tag and a row's address) over packed rows.
///
/// One writer at a time; any number of readers at any time, who take no lock and never wait for the
/// writer: a row is replaced by writing a new one aside and swapping its address in the slot. The
/// old row's memory is used again only after its generation went up, so a reader who meets a row
/// in change finds the complete new one in the slot. Tables outgrown by the index stay until the
/// store ends (together no larger than the current one). A reader sees each row whole; of a write
/// of many rows it may see some.
class OnlineStore {
 public:
  OnlineStore(const Schema& features, uint32_t key_words, bool text_keys);
  OnlineStore(const OnlineStore&) = delete;
  OnlineStore& operator=(const OnlineStore&) = delete;

  const RowLayout& layout() const { return layout_; }
  /// Entities that have a row.
  int64_t size() const { return size_.load(std::memory_order_relaxed); }
  uint64_t memory_bytes() const;

  /// Puts a row unless the kept one has a later (event, created). `row` is in the layout, without
  /// header generation and key; its text words are indexes into `texts`. Returns whether it was
  /// kept. Writer only.
  bool put(const EntityKey& key, const uint64_t* row, const std::vector<std::string_view>& texts);
  /// Makes room for so many entities in all. Writer only.
  void reserve(int64_t entities);

  /// Starts fetching the bucket of a key, then the row.
  void prefetch_bucket(uint64_t hash) const {
    const Index* index = index_.load(std::memory_order_acquire);
    __builtin_prefetch(index->slots + index->bucket_of(hash) * kBucket);
  }
  void prefetch_row(uint64_t hash) const;

  /// Finds the row of a key and calls `visit(row, header)` on it, perhaps several times: what the
  /// last call read is one whole row. Returns false without a (last) call that counts when there is
  /// no row. `visit` reads by load_word only, and follows an address that it read from the row only
  /// after is_current(row, header): a row in change may hold anything there.
  template <typename Visit>
  bool read(const EntityKey& key, Visit&& visit) const {
    while (true) {
      const Index* index = index_.load(std::memory_order_acquire);
      const Outcome outcome = probe(*index, key, visit);
      if (outcome == Outcome::kFound) return true;
      // An outgrown table misses later entities, and its addresses may lead to reused rows.
      if (outcome == Outcome::kMissing && index_.load(std::memory_order_acquire) == index)
        return false;
    }
  }

  /// Calls `visit(row)` on every row. Writer only.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    const Index* index = index_.load(std::memory_order_relaxed);
    for (uint64_t i = 0; i < (index->mask + 1) * kBucket; ++i)
      if (const uint64_t slot = index->slots[i]; slot != 0) visit(row_of(slot));
  }

 private:
  static constexpr uint64_t kBucket = 8;
  static constexpr uint64_t kAddress = (1ULL << 48) - 1;
  enum class Outcome { kFound, kMissing, kChanged };

  struct Index {
    explicit Index(uint64_t buckets);
    ~Index();
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;
    // Long keys keep the upper 56 bits of their hash, so the lowest 8 are not used.
    uint64_t bucket_of(uint64_t hash) const { return (hash >> 8) & mask; }
    uint64_t* slots;
    uint64_t mask;  // buckets - 1
  };

  static uint64_t tag_of(uint64_t hash) { return hash & ~kAddress; }
  static const uint64_t* row_of(uint64_t slot) {
    return reinterpret_cast<const uint64_t*>(slot & kAddress);
  }
  /// Whether the row, whose header was `header`, has the key; false also when it is in change.
  bool equal_key(const uint64_t* row, uint64_t header, const EntityKey& key) const;

  template <typename Visit>
  Outcome probe(const Index& index, const EntityKey& key, Visit&& visit) const {
    const uint64_t tag = tag_of(key.hash);
    for (uint64_t bucket = index.bucket_of(key.hash);; bucket = (bucket + 1) & index.mask) {
      const uint64_t* slots = index.slots + bucket * kBucket;
      for (uint64_t s = 0; s < kBucket; ++s) {
        const uint64_t slot = load_word(slots + s);
        if (slot == 0) return Outcome::kMissing;
        if (tag_of(slot) != tag) continue;
        const uint64_t* row = row_of(slot);
        const uint64_t header = load_word(row);
        if (header & 1) return Outcome::kChanged;
        const bool equal = equal_key(row, header, key);
        if (equal) visit(row, header);
        // Before the header: while that is the same, the row cannot have come back to this slot.
        const bool moved = !equal && load_word(slots + s) != slot;
        if (moved || !is_current(row, header)) return Outcome::kChanged;
        if (equal) return Outcome::kFound;
      }
    }
  }

  uint64_t* find_slot(const EntityKey& key);
  void write_row(uint64_t* to, const EntityKey& key, const uint64_t* old, const uint64_t* row,
                 const std::vector<std::string_view>& texts);
  uint64_t hash_of(const uint64_t* row) const;
  void retire(uint64_t* row);
  void grow(uint64_t buckets);

  RowLayout layout_;
  bool text_keys_;
  RowMemory memory_;
  std::atomic<int64_t> size_{0};
  std::atomic<const Index*> index_{nullptr};
  std::vector<std::unique_ptr<Index>> indexes_;
};

}  // namespace cne::feature
