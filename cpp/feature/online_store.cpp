#include "feature/online_store.h"

#include <bit>
#include <cassert>
#include <cstdlib>

namespace cne::feature {

namespace {

// Entities a bucket of eight slots holds on average before the index doubles.
constexpr uint64_t kFill = 5;

}  // namespace

OnlineStore::Index::Index(uint64_t buckets)
    : slots(static_cast<uint64_t*>(allocate_pages(buckets * kBucket * 8))), mask(buckets - 1) {}
OnlineStore::Index::~Index() { std::free(slots); }

OnlineStore::OnlineStore(const Schema& features, uint32_t key_words, bool text_keys)
    : layout_(features, key_words), text_keys_(text_keys), memory_(layout_.stride()) {
  indexes_.push_back(std::make_unique<Index>(8));
  index_.store(indexes_.back().get());
}

uint64_t OnlineStore::memory_bytes() const {
  uint64_t out = memory_.bytes();
  for (const auto& index : indexes_) out += (index->mask + 1) * kBucket * 8;
  return out;
}

bool OnlineStore::equal_key(const uint64_t* row, uint64_t header, const EntityKey& key) const {
  const uint64_t* words = row + layout_.key_word();
  if (!text_keys_) {
    for (uint32_t w = 0; w < layout_.key_words(); ++w)
      if (load_word(words + w) != key.words[w]) return false;
    return true;
  }
  if (load_word(words + 1) != key.words[1]) return false;
  const uint64_t first = load_word(words);
  if (!is_long_key(key.words)) return first == key.words[0];
  // In a row in change the first word may be text of a short key, or of no key yet.
  if (!is_current(row, header)) return false;
  return equal_text(reinterpret_cast<const uint64_t*>(first), key.bytes);
}

void OnlineStore::prefetch_row(uint64_t hash) const {
  const Index* index = index_.load(std::memory_order_acquire);
  const uint64_t* slots = index->slots + index->bucket_of(hash) * kBucket;
  for (uint64_t s = 0; s < kBucket; ++s) {
    const uint64_t slot = load_word(slots + s);
    if (slot == 0) return;
    if (tag_of(slot) != tag_of(hash)) continue;
    const uint64_t* row = row_of(slot);
    for (uint32_t w = 0; w < layout_.stride(); w += 8) __builtin_prefetch(row + w);
    __builtin_prefetch(row + layout_.stride() - 1);
    return;
  }
}

uint64_t* OnlineStore::find_slot(const EntityKey& key) {
  const Index& index = *indexes_.back();
  for (uint64_t bucket = index.bucket_of(key.hash);; bucket = (bucket + 1) & index.mask) {
    uint64_t* slots = index.slots + bucket * kBucket;
    for (uint64_t s = 0; s < kBucket; ++s) {
      const uint64_t slot = slots[s];
      if (slot == 0) return slots + s;
      if (tag_of(slot) != tag_of(key.hash)) continue;
      const uint64_t* row = row_of(slot);
      if (equal_key(row, row[0], key)) return slots + s;
    }
  }
}

bool OnlineStore::put(const EntityKey& key, const uint64_t* row,
                      const std::vector<std::string_view>& texts) {
  uint64_t* slot = find_slot(key);
  auto* old = const_cast<uint64_t*>(*slot == 0 ? nullptr : row_of(*slot));
  if (old != nullptr) {
    const auto event = static_cast<int64_t>(row[kEventWord]);
    const auto kept = static_cast<int64_t>(old[kEventWord]);
    const auto created = static_cast<int64_t>(row[kCreatedWord]);
    if (event < kept || (event == kept && created < static_cast<int64_t>(old[kCreatedWord])))
      return false;
  } else if (static_cast<uint64_t>(size()) >= (indexes_.back()->mask + 1) * kFill) {
    grow((indexes_.back()->mask + 1) * 2);
    slot = find_slot(key);
  }
  uint64_t* fresh = memory_.allocate_row();
  write_row(fresh, key, old, row, texts);
  const auto address = reinterpret_cast<uint64_t>(fresh);
  assert((address & ~kAddress) == 0);  // user addresses on x86-64 and aarch64 Linux
  store_word(slot, tag_of(key.hash) | address);
  if (old != nullptr)
    retire(old);
  else
    size_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void OnlineStore::write_row(uint64_t* to, const EntityKey& key, const uint64_t* old,
                            const uint64_t* row, const std::vector<std::string_view>& texts) {
  // A used row is odd here, so readers who still hold its address turn away.
  const auto generation = static_cast<uint32_t>(*to);
  // Text words hold indexes for a moment; readers check the header before they follow them.
  for (uint32_t w = 1; w < layout_.key_word(); ++w) store_word(to + w, row[w]);
  for (const uint32_t f : layout_.texts()) {
    const FeatureSlot& slot = layout_.slots()[f];
    const bool valid = (row[slot.valid_word] >> slot.valid_bit) & 1;
    store_word(
        to + slot.word,
        valid ? reinterpret_cast<uint64_t>(memory_.allocate_text(texts[row[slot.word]])) : 0);
  }
  uint64_t* words = to + layout_.key_word();
  for (uint32_t w = 0; w < layout_.key_words(); ++w) store_word(words + w, key.words[w]);
  if (text_keys_ && is_long_key(key.words))
    store_word(words, old != nullptr
                          ? old[layout_.key_word()]
                          : reinterpret_cast<uint64_t>(memory_.allocate_text(key.bytes)));
  const uint64_t validity = row[0] & ~uint64_t{0xffffffff};
  store_word(to, validity | static_cast<uint32_t>(generation + (generation & 1)));
}

void OnlineStore::retire(uint64_t* row) {
  store_word(row, row[0] + 1);  // odd; before its texts can be used again
  for (const uint32_t f : layout_.texts())
    if (const uint64_t block = row[layout_.slots()[f].word]; block != 0)
      memory_.free_text(reinterpret_cast<uint64_t*>(block));
  memory_.free_row(row);
}

void OnlineStore::reserve(int64_t entities) {
  const uint64_t buckets = std::bit_ceil(static_cast<uint64_t>(entities) / kFill + 1);
  if (buckets > indexes_.back()->mask + 1) grow(buckets);
}

uint64_t OnlineStore::hash_of(const uint64_t* row) const {
  const uint64_t* words = row + layout_.key_word();
  if (!text_keys_) return hash_words(words, layout_.key_words());
  if (is_long_key(words)) return words[1] << 8;
  return hash_bytes(words, words[1] >> 56);
}

void OnlineStore::grow(uint64_t buckets) {
  const Index& old = *indexes_.back();
  auto fresh = std::make_unique<Index>(buckets);
  for (uint64_t i = 0; i < (old.mask + 1) * kBucket; ++i) {
    if (old.slots[i] == 0) continue;
    uint64_t to = fresh->bucket_of(hash_of(row_of(old.slots[i]))) * kBucket;
    while (fresh->slots[to] != 0) to = (to + 1) & (fresh->mask * kBucket + kBucket - 1);
    fresh->slots[to] = old.slots[i];
  }
  indexes_.push_back(std::move(fresh));
  index_.store(indexes_.back().get(), std::memory_order_release);
}

}  // namespace cne::feature
