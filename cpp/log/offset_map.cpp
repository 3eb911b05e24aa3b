#include "log/offset_map.h"

#include <random>

#include "core/hash.h"

namespace cne::log {

namespace {

constexpr size_t kFirstSlots = 1 << 10;

uint64_t draw() {
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

}  // namespace

OffsetMap::OffsetMap() : low_seed_(draw()), high_seed_(draw()), slots_(kFirstSlots) {}

OffsetMap::Slot OffsetMap::hash(const void* key, size_t size) const {
  return {hash_bytes(key, size, low_seed_), hash_bytes(key, size, high_seed_), -1};
}

/// Where it is, or where it would go.
size_t OffsetMap::place(const std::vector<Slot>& slots, const Slot& wanted) {
  const size_t mask = slots.size() - 1;
  size_t at = wanted.low & mask;
  while (slots[at].offset >= 0 && (slots[at].low != wanted.low || slots[at].high != wanted.high))
    at = (at + 1) & mask;
  return at;
}

void OffsetMap::grow() {
  std::vector<Slot> larger(slots_.size() * 2);
  for (const Slot& slot : slots_)
    if (slot.offset >= 0) larger[place(larger, slot)] = slot;
  slots_ = std::move(larger);
}

void OffsetMap::put(const void* key, size_t size, int64_t offset) {
  if (keys_ * 4 >= slots_.size() * 3) grow();
  const Slot wanted = hash(key, size);
  Slot& slot = slots_[place(slots_, wanted)];
  if (slot.offset < 0) ++keys_;
  slot = {wanted.low, wanted.high, offset};
}

int64_t OffsetMap::find(const void* key, size_t size) const {
  return slots_[place(slots_, hash(key, size))].offset;
}

}  // namespace cne::log
