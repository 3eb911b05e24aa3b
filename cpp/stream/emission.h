#pragma once

#include <cstdint>
#include <vector>

#include "stream/keyed_state.h"
#include "stream/operator.h"

namespace cne::stream {

/// Gathers the rows that an operator emits and turns them into tables of
///
///   keys..., window_start, window_end (or event_time), aggregates..., emitted_at, revision
///
/// Times are timestamp[ms, UTC]; `revision` (int32) counts the emissions of a window, from 0.
class Emissions {
 public:
  /// With windows: two time columns and `revision`; else only event_time.
  Emissions(KeySpace& keys, const frame::AggregateLayout& layout, const Schema& key_fields,
            bool windows);

  const Schema& schema() const { return schema_; }
  /// Says of which window and when the next rows are.
  void begin_rows(int64_t begin, int64_t end, int64_t emitted_at, int32_t revision);
  /// A new row; the caller merges into the initialised state that is returned.
  uint8_t* add(uint32_t key) {
    keys_.push_back(key);
    return states_.add();
  }
  /// The same, with a copy of a state.
  uint8_t* add_copy(uint32_t key, const uint8_t* state) {
    keys_.push_back(key);
    return states_.add_copy(state);
  }
  /// Rows that are not yet in a table.
  size_t pending() const { return keys_.size(); }
  /// Moves them to `out` as one table.
  void flush(Output& out);

 private:
  KeySpace* key_space_;
  const frame::AggregateLayout* layout_;
  bool windows_;
  Schema schema_;
  StateArena states_;
  std::vector<uint32_t> keys_;
  struct Run {
    size_t first;  // row
    int64_t begin, end, emitted_at;
    int32_t revision;
  };
  template <typename T>
  Column spread(const DataType& type, T Run::* value) const;
  std::vector<Run> runs_;
};

}  // namespace cne::stream
