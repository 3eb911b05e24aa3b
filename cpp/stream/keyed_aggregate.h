#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "stream/emission.h"
#include "stream/keyed_state.h"
#include "stream/operator.h"
#include "stream/window.h"

namespace cne::stream {

/// A keyed aggregation as it is asked for.
struct AggregateSpec {
  WindowSpec window;
  std::vector<std::string> keys;  // none: one group
  std::vector<frame::Aggregate> aggregates;
};

/// Makes the operator for a window kind over rows of `input`. Throws NotFoundError, TypeError or
/// ArgumentError, naming "agg" or "window".
std::unique_ptr<Operator> make_operator(const AggregateSpec& spec, const Schema& input);

/// What the keyed operators have in common: keys, aggregates, the batch at hand, time so far.
struct KeyedAggregate {
  KeyedAggregate(const AggregateSpec& spec, const Schema& input);
  KeyedAggregate(const KeyedAggregate&) = delete;

  /// Looks the keys of all rows up and makes the rows ready to be added.
  void begin(const Batch& batch);
  uint32_t key_of(int64_t row) const { return ids[static_cast<size_t>(row)]; }
  /// Adds what is pending; hands the emitted rows on.
  void end(Output& out, OperatorCounts& counts);
  void flush_emissions(Output& out, OperatorCounts& counts);
  /// Gives up the keys that are not in `kept`, and reads the keys of the batch from `row` on again.
  void keep_only(const std::vector<uint32_t>& kept, std::vector<uint32_t>& renumbered, int64_t row);

  /// Plays the rows and the steps of time of a batch in the order in which they came:
  /// record(row, event_ms), move_clock(time, next_row), move_watermark(time, next_row).
  template <class Record, class MoveClock, class MoveWatermark>
  void play(const Batch& batch, const Record& record, const MoveClock& move_clock,
            const MoveWatermark& move_watermark) const {
    int64_t next_row = 0;
    for (const Step& step : batch.steps) {
      if (step.clock > clock) move_clock(step.clock, next_row);
      if (step.row >= 0) {
        record(step.row, batch.event_ms[static_cast<size_t>(step.row)]);
        ++next_row;
      }
      if (step.watermark > watermark) move_watermark(step.watermark, next_row);
    }
  }

  void snapshot(StateWriter& out) const;
  void restore(StateReader& in);
  /// The number of a key, of those that were restored.
  uint32_t get_key(StateReader& in) const;

  WindowSpec window;
  std::vector<std::string> key_names;
  Schema key_fields;
  frame::AggregateLayout layout;
  KeySpace keys;
  Emissions emissions;
  PendingUpdates pending;
  std::vector<Column> key_columns;  // of the batch
  std::vector<uint32_t> ids;        // of its rows
  int64_t clock = kNoTime;
  int64_t watermark = kNoTime;
};

}  // namespace cne::stream
