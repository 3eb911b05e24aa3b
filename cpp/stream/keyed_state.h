#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "frame/aggregate.h"
#include "frame/hash_table.h"
#include "stream/state_io.h"

namespace cne::stream {

/// Keys belong to one of this many groups by their hash, for ever: what a snapshot is ordered by,
/// and what will be moved when a job is spread over more workers.
inline constexpr uint64_t kKeyGroups = 128;

/// The keys of an operator as dense numbers in the order of first appearance. Numbers of keys
/// without state are given up by `keep_only`, which keeps the order.
class KeySpace {
 public:
  /// No types: all records have the one key 0.
  KeySpace(std::vector<DataType> types, const char* function);

  size_t size() const { return static_cast<size_t>(table_.size()); }
  void ids(const std::vector<Column>& keys, int64_t begin, int64_t end, uint32_t* out);
  /// The key columns of these numbers.
  std::vector<Column> gather(const uint32_t* ids, size_t n);
  /// Renumbers: `kept` ascending. The new number of an old one is in `renumbered` (kAbsent: gone).
  void keep_only(const std::vector<uint32_t>& kept, std::vector<uint32_t>& renumbered);
  /// The key group of every key.
  std::vector<uint8_t> groups() const;

  void snapshot(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  void refresh();
  frame::KeyTable table_;
  std::vector<DataType> types_;
  std::vector<Column> columns_;  // of the first cached_ keys
  size_t cached_ = 0;
};

/// Aggregate states at addresses that stay. Handed out one after the other and freed together.
class StateArena {
 public:
  explicit StateArena(const frame::AggregateLayout& layout)
      : layout_(&layout), stride_(layout.state_bytes()) {}
  StateArena(StateArena&& other) noexcept = default;
  StateArena& operator=(StateArena&& other) noexcept;
  ~StateArena() { clear(); }

  size_t size() const { return size_; }
  uint8_t* at(size_t i) const { return chunks_[i >> kShift].get() + (i & kMask) * stride_; }
  /// One more, initialised.
  uint8_t* add();
  /// One more with the content of another.
  uint8_t* add_copy(const uint8_t* from);
  /// Grows to n initialised states.
  void grow(size_t n);
  /// Keeps the memory for the states to come.
  void clear();

 private:
  uint8_t* next();
  static constexpr size_t kShift = 9;
  static constexpr size_t kMask = (size_t{1} << kShift) - 1;
  const frame::AggregateLayout* layout_;
  size_t stride_;
  size_t size_ = 0;
  std::vector<std::unique_ptr<uint8_t[]>> chunks_;
};

/// Makes `into`, which is initialised and empty, a copy of `from`.
inline void copy_state(const frame::AggregateLayout& layout, uint8_t* into, const uint8_t* from) {
  if (layout.owns_memory())
    layout.merge(into, from);
  else
    std::memcpy(into, from, layout.state_bytes());
}

/// States that are freed one by one, and reused.
class StatePool {
 public:
  explicit StatePool(const frame::AggregateLayout& layout) : layout_(&layout), arena_(layout) {}
  uint8_t* take();
  void give_back(uint8_t* state);

 private:
  const frame::AggregateLayout* layout_;
  StateArena arena_;
  std::vector<uint8_t*> free_;
};

/// Records of a batch that still have to be added to their states, in order: adding many at once is
/// cheaper, and gives the same bits.
class PendingUpdates {
 public:
  /// The batch that the following rows are of; it must outlive them.
  void begin(const frame::AggregateLayout& layout, std::vector<Column> inputs,
             const std::vector<int64_t>& event_ms, int64_t first_row);
  /// The next row; null leaves it out.
  void push(uint8_t* state) { states_.push_back(state); }
  void flush();

 private:
  const frame::AggregateLayout* layout_ = nullptr;
  std::vector<Column> inputs_;
  const int64_t* event_ms_ = nullptr;
  int64_t row_ = 0;
  std::vector<uint8_t*> states_;
};

}  // namespace cne::stream
