#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "stream/keyed_aggregate.h"
#include "stream/timer_queue.h"

namespace cne::stream {

/// Session windows: events of a key less than `gap` apart share a session, which ends `gap` after
/// its last event. A record that lies between two sessions joins them; the joined session replaces
/// both, also where one of them was emitted before (its revision counts on). A record is too late
/// when its own window, from its time to `gap` after it, is (as in Beam): so the sessions do not
/// depend on the order of the records that are not dropped.
class SessionWindowOperator : public Operator {
 public:
  SessionWindowOperator(const AggregateSpec& spec, const Schema& input);

  void on_batch(const Batch& batch, Output& out) override;
  void on_watermark(int64_t clock, int64_t watermark, Output& out) override;
  void snapshot(StateWriter& out) const override;
  void restore(StateReader& in) override;

 private:
  struct Session {
    int64_t begin;
    int64_t end;  // the last event's time + gap
    uint64_t id;  // what timers name it by
    int32_t revision;
    bool waits;  // to be emitted when its end is reached
    uint8_t* state;
  };
  void on_record(int64_t row, int64_t event_ms, Output& out);
  Session& join(uint32_t key, int64_t begin, int64_t end);
  void move_clock(int64_t clock, int64_t next_row, Output& out);
  void move_watermark(int64_t watermark, int64_t next_row, Output& out);
  void fire_until(int64_t time);
  void close(int64_t next_row, Output& out);
  void emit(uint32_t key, Session& session, int64_t emitted_at);
  void schedule(uint32_t key, const Session& session);
  Session* find(const Timer& timer);
  void collect_keys(int64_t next_row, Output& out);
  /// Windows that have ended by this time are emitted, and take no more records.
  int64_t closed_until() const {
    if (common_.watermark == kNoTime) return kNoTime;
    const int64_t late = common_.watermark - common_.window.lateness_ms;
    return by_clock() ? std::min(late, common_.clock) : late;
  }
  /// From when on no record that is not dropped can touch a session that ends at `end`.
  int64_t close_time(int64_t end) const { return end + common_.window.gap_ms; }
  int64_t frontier() const { return by_clock() ? common_.clock : common_.watermark; }
  bool by_clock() const { return common_.window.emit == WindowSpec::Emit::kClock; }

  KeyedAggregate common_;
  StatePool states_;
  std::vector<std::vector<Session>> sessions_;  // by key, by time
  TimerQueue to_fire_;                          // by the frontier
  TimerQueue to_close_;                         // by closed_until
  uint64_t next_id_ = 0;
  size_t live_keys_ = 0;
  size_t seen_keys_ = 0;
};

}  // namespace cne::stream
