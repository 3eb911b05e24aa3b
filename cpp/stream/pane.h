#pragma once

#include <cstdint>
#include <vector>

#include "stream/keyed_state.h"

namespace cne::stream {

/// The states of one pane, by key, in the order in which the keys came to it.
///
/// The index from key to slot is a hash table while few keys are here, and an array over all keys
/// once an eighth of them is.
class Pane {
 public:
  static constexpr uint32_t kAbsent = UINT32_MAX;

  explicit Pane(const frame::AggregateLayout& layout) : folded(layout), states_(layout) {}

  size_t size() const { return keys_.size(); }
  const std::vector<uint32_t>& keys() const { return keys_; }
  uint8_t* state(size_t slot) const { return states_.at(slot); }
  uint32_t find(uint32_t key) const {
    if (direct_) return key < index_.size() ? index_[key] : kAbsent;
    return keys_.empty() ? kAbsent : probe(key);
  }
  /// The state of a key or null.
  uint8_t* find_state(uint32_t key) const {
    const uint32_t slot = find(key);
    return slot == kAbsent ? nullptr : states_.at(slot);
  }
  /// A key that is not here yet; `known_keys` is how many the operator has.
  uint8_t* add(uint32_t key, size_t known_keys);
  /// Gives the keys new numbers; every key here has one.
  void renumber(const std::vector<uint32_t>& renumbered, size_t known_keys);

  /// What sliding windows keep beside each state: see RunningFold.
  struct Link {
    uint8_t* folded = nullptr;  // this pane's state and all later ones of the block
    uint8_t* next = nullptr;    // the same from the key's next pane on; null when there is none
  };
  std::vector<Link> links;
  StateArena folded;

 private:
  uint32_t probe(uint32_t key) const;
  void insert(uint32_t key, uint32_t slot);
  void rebuild(size_t known_keys);

  std::vector<uint32_t> keys_;
  StateArena states_;
  bool direct_ = false;
  std::vector<uint32_t> index_;  // slots; direct: by key
};

}  // namespace cne::stream
