#pragma once

#include <atomic>
#include <cstdint>

namespace cne {

/// Where the engine asks for the time, so that tests can set it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970-01-01T00:00:00 UTC.
  virtual int64_t now_ms() const = 0;
};

/// The system's clock; one for the process.
const Clock& system_clock();

/// A clock that stands still until it is set. Thread safe.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t now_ms = 0) : now_ms_(now_ms) {}
  int64_t now_ms() const override { return now_ms_.load(); }
  void set_ms(int64_t now_ms) { now_ms_.store(now_ms); }
  void advance_ms(int64_t by_ms) { now_ms_.fetch_add(by_ms); }

 private:
  std::atomic<int64_t> now_ms_;
};

/// Nanoseconds of a clock that only moves forward, for durations.
int64_t monotonic_ns();

}  // namespace cne
