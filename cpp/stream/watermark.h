#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "stream/state_io.h"

namespace cne::stream {

inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();   // before all times
inline constexpr int64_t kForever = std::numeric_limits<int64_t>::max();  // never
inline constexpr int64_t kEndOfTime = kForever - 1;  // after all times, before never
/// Times of records and lengths of time are within so many ms (35,000 years) of 0, so that sums of
/// a few of them do not overflow.
inline constexpr int64_t kFarthest = int64_t{1} << 50;
constexpr bool is_far(int64_t ms) { return ms > kFarthest || ms < -kFarthest; }

/// A time of a snapshot that a record or a clock had: kNoTime or within kFarthest.
int64_t get_time(StateReader& in);
/// One that was computed from such: within twice kFarthest, or kNoTime, kEndOfTime or kForever.
int64_t get_limit(StateReader& in);

/// The watermark of a source: a promise that events from before it are late.
///
/// Of a partition it is the largest event time so far less `bound`; of the source the smallest over
/// the partitions that have had data and are not idle. A partition is idle from `idle_timeout`
/// after its last arrival on, by the clock, until its next record. The watermark never moves back:
/// a partition that begins (or wakes up) behind it has late events.
class Watermark {
 public:
  Watermark(int partitions, int64_t bound_ms, int64_t idle_timeout_ms);

  int64_t value() const { return value_; }
  /// The record has been seen at `clock`.
  void on_record(int partition, int64_t event_ms, int64_t clock) {
    Partition& p = partitions_[static_cast<size_t>(partition)];
    p.last_arrival = clock;
    const bool woke = p.idle || p.largest == kNoTime;
    p.idle = false;
    if (idle_timeout_ != kForever && clock + idle_timeout_ < next_idle_)
      next_idle_ = clock + idle_timeout_;
    if (event_ms > p.largest) {
      // Only the partition that holds the source back can move it.
      const bool holds = woke || p.largest - bound_ <= value_;
      p.largest = event_ms;
      if (holds) settle();
    } else if (woke) {
      settle();
    }
  }
  /// When the next partition may become idle; kForever when none will.
  int64_t next_idle() const { return next_idle_; }
  /// The clock has reached `clock`: settles what has become idle.
  void on_clock(int64_t clock);
  /// No more records will come.
  void finish() { value_ = kEndOfTime; }

  void snapshot(StateWriter& out) const;
  void restore(StateReader& in);

 private:
  struct Partition {
    int64_t largest = kNoTime;
    int64_t last_arrival = kNoTime;
    bool idle = false;
  };
  void settle();

  std::vector<Partition> partitions_;
  int64_t bound_;
  int64_t idle_timeout_;
  int64_t value_ = kNoTime;
  int64_t next_idle_ = kForever;
};

}  // namespace cne::stream
