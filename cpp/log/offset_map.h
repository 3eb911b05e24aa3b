#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cne::log {

/// The last offset of each key, for compaction. Keys are known by 128 bits of two hashes whose
/// seeds are drawn anew for each map, so that nobody can choose keys that are taken for one
/// another.
class OffsetMap {
 public:
  OffsetMap();

  /// Offsets of a key must ascend.
  void put(const void* key, size_t size, int64_t offset);
  /// -1 for a key that was not put.
  int64_t find(const void* key, size_t size) const;
  size_t keys() const { return keys_; }
  size_t bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t low = 0;
    uint64_t high = 0;
    int64_t offset = -1;  // -1: free
  };
  Slot hash(const void* key, size_t size) const;
  static size_t place(const std::vector<Slot>& slots, const Slot& wanted);
  void grow();

  uint64_t low_seed_;
  uint64_t high_seed_;
  size_t keys_ = 0;
  std::vector<Slot> slots_;  // a power of two, at most three quarters of them used
};

}  // namespace cne::log
