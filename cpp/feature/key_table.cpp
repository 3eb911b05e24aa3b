#include "feature/key_table.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace cne::feature {

bool KeyTable::equal(int64_t id, const EntityKey& key) const {
  if (hashes_[id] != key.hash) return false;
  const uint64_t* words = keys_.data() + id * words_;
  if (text_ && is_long_key(key.words))
    return is_long_key(words) && std::string_view(bytes_).substr(words[0], sizes_[id]) == key.bytes;
  return std::equal(words, words + words_, key.words);
}

uint64_t KeyTable::probe(const EntityKey& key) const {
  const uint64_t mask = slots_.size() - 1;
  uint64_t at = key.hash & mask;
  while (slots_[at] != 0 && !equal(slots_[at] - 1, key)) at = (at + 1) & mask;
  return at;
}

void KeyTable::add(const EntityKey& key) {
  if (size() >= std::numeric_limits<uint32_t>::max() - 1)
    throw ArgumentError("history: expected fewer than 2^32 entities in one view");
  hashes_.push_back(key.hash);
  keys_.insert(keys_.end(), key.words, key.words + words_);
  if (!text_) return;
  sizes_.push_back(static_cast<uint32_t>(key.bytes.size()));
  if (is_long_key(key.words)) {
    keys_[keys_.size() - words_] = bytes_.size();
    bytes_.append(key.bytes);
  }
}

void KeyTable::grow() {
  slots_.assign(slots_.size() * 2, 0);
  const uint64_t mask = slots_.size() - 1;
  for (size_t id = 0; id < hashes_.size(); ++id) {
    uint64_t at = hashes_[id] & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<uint32_t>(id + 1);
  }
}

void KeyTable::insert(const KeyBatch& keys, int64_t* ids) {
  for (int64_t i = 0; i < keys.rows; ++i) {
    ids[i] = -1;
    if (!keys.known[i]) continue;
    if (i + 8 < keys.rows) __builtin_prefetch(&slots_[keys.hash[i + 8] & (slots_.size() - 1)]);
    const EntityKey key = keys.at(i);
    uint64_t at = probe(key);
    if (slots_[at] == 0) {
      if (hashes_.size() * 2 >= slots_.size()) {
        grow();
        at = probe(key);
      }
      add(key);
      slots_[at] = static_cast<uint32_t>(size());
    }
    ids[i] = slots_[at] - 1;
  }
}

void KeyTable::find(const KeyBatch& keys, int64_t begin, int64_t end, int64_t* ids) const {
  for (int64_t i = begin; i < end; ++i) {
    if (i + 8 < end) __builtin_prefetch(&slots_[keys.hash[i + 8] & (slots_.size() - 1)]);
    ids[i - begin] =
        keys.known[i] ? static_cast<int64_t>(slots_[probe(keys.at(i))]) - 1 : int64_t{-1};
  }
}

}  // namespace cne::feature
