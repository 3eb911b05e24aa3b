#include "stream/watermark.h"

#include <algorithm>

#include "core/error.h"

namespace cne::stream {

int64_t get_time(StateReader& in) {
  const auto ms = in.get<int64_t>();
  if (ms != kNoTime && is_far(ms)) in.refuse("time", message(ms));
  return ms;
}

int64_t get_limit(StateReader& in) {
  const auto ms = in.get<int64_t>();
  const bool special = ms == kNoTime || ms >= kEndOfTime;
  if (!special && (ms > 2 * kFarthest || ms < -2 * kFarthest)) in.refuse("time", message(ms));
  return ms;
}

Watermark::Watermark(int partitions, int64_t bound_ms, int64_t idle_timeout_ms)
    : partitions_(static_cast<size_t>(partitions)),
      bound_(bound_ms),
      idle_timeout_(idle_timeout_ms) {}

void Watermark::settle() {
  int64_t smallest = kForever;
  for (const Partition& p : partitions_)
    if (p.largest != kNoTime && !p.idle) smallest = std::min(smallest, p.largest - bound_);
  if (smallest != kForever) value_ = std::max(value_, smallest);
}

void Watermark::on_clock(int64_t clock) {
  if (clock < next_idle_) return;
  next_idle_ = kForever;
  for (Partition& p : partitions_) {
    if (p.largest == kNoTime || p.idle) continue;
    const int64_t due = p.last_arrival + idle_timeout_;
    if (due <= clock)
      p.idle = true;
    else
      next_idle_ = std::min(next_idle_, due);
  }
  settle();
}

void Watermark::snapshot(StateWriter& out) const {
  out.put<uint64_t>(partitions_.size());
  for (const Partition& p : partitions_) {
    out.put(p.largest);
    out.put(p.last_arrival);
    out.put<uint8_t>(p.idle);
  }
  out.put(value_);
  out.put(next_idle_);
}

void Watermark::restore(StateReader& in) {
  if (in.get_count(17) != partitions_.size())
    throw StateError(
        message("Job: the checkpoint has another number of partitions than ", partitions_.size()));
  for (Partition& p : partitions_) {
    p.largest = get_time(in);
    p.last_arrival = get_time(in);
    if ((p.largest == kNoTime) != (p.last_arrival == kNoTime)) in.refuse("partition", "half a one");
    p.idle = in.get<uint8_t>() != 0;
  }
  value_ = get_limit(in);
  next_idle_ = get_limit(in);
  if (idle_timeout_ == kForever && next_idle_ != kForever)
    in.refuse("idle time", message(next_idle_));
}

}  // namespace cne::stream
