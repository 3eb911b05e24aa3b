#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <tuple>
#include <vector>

#include "stream/watermark.h"

namespace cne::stream {

/// A call-back to itself that an operator has ordered: for the thing `id` of `key`, at `time`.
struct Timer {
  int64_t time;
  uint32_t key;
  uint64_t id;
  bool operator>(const Timer& other) const {
    return std::tie(time, key, id) > std::tie(other.time, other.key, other.id);
  }
};

/// Timers by (time, key, id). A timer is never taken back: who ordered it sees at the call that it
/// no longer holds.
class TimerQueue {
 public:
  int64_t next() const { return heap_.empty() ? kForever : heap_.front().time; }
  void add(Timer timer) {
    heap_.push_back(timer);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  Timer take() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Timer out = heap_.back();
    heap_.pop_back();
    return out;
  }
  /// Gives the keys new numbers, in the same order; timers of a key for which `renumbered` gives
  /// UINT32_MAX are dropped.
  void renumber(const std::vector<uint32_t>& renumbered) {
    std::erase_if(heap_, [&](Timer& timer) {
      timer.key = renumbered[timer.key];
      return timer.key == UINT32_MAX;
    });
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

 private:
  std::vector<Timer> heap_;
};

}  // namespace cne::stream
