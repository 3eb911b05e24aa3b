#include "stream/pane.h"

namespace cne::stream {

namespace {
uint32_t spread(uint32_t key) { return static_cast<uint32_t>(key * 0x9e3779b97f4a7c15ULL >> 32); }
}  // namespace

uint32_t Pane::probe(uint32_t key) const {
  const auto mask = static_cast<uint32_t>(index_.size() - 1);
  for (uint32_t i = spread(key) & mask;; i = (i + 1) & mask) {
    const uint32_t slot = index_[i];
    if (slot == kAbsent || keys_[slot] == key) return slot;
  }
}

void Pane::insert(uint32_t key, uint32_t slot) {
  if (direct_) {
    index_[key] = slot;
    return;
  }
  const auto mask = static_cast<uint32_t>(index_.size() - 1);
  uint32_t i = spread(key) & mask;
  while (index_[i] != kAbsent) i = (i + 1) & mask;
  index_[i] = slot;
}

void Pane::rebuild(size_t known_keys) {
  direct_ = keys_.size() * 8 > known_keys;
  size_t size = 16;
  while (size < (direct_ ? known_keys : keys_.size() * 4)) size *= 2;
  index_.assign(size, kAbsent);
  for (size_t slot = 0; slot < keys_.size(); ++slot)
    insert(keys_[slot], static_cast<uint32_t>(slot));
}

uint8_t* Pane::add(uint32_t key, size_t known_keys) {
  const auto slot = static_cast<uint32_t>(keys_.size());
  keys_.push_back(key);
  if (index_.empty() || (direct_ ? key >= index_.size() : keys_.size() * 2 > index_.size()))
    rebuild(known_keys);
  else
    insert(key, slot);
  return states_.add();
}

void Pane::renumber(const std::vector<uint32_t>& renumbered, size_t known_keys) {
  for (uint32_t& key : keys_) key = renumbered[key];
  rebuild(known_keys);
}

}  // namespace cne::stream
