#pragma once

#include <map>
#include <utility>
#include <vector>

#include "stream/keyed_aggregate.h"
#include "stream/running_fold.h"

namespace cne::stream {

/// Sliding and tumbling windows. A record costs one key lookup and one update of one pane, whatever
/// size / slide is; a window costs three merges a pane and key, and one for each row that it emits.
class SlidingWindowOperator : public Operator {
 public:
  SlidingWindowOperator(const AggregateSpec& spec, const Schema& input);

  void on_batch(const Batch& batch, Output& out) override;
  void on_watermark(int64_t clock, int64_t watermark, Output& out) override;
  void snapshot(StateWriter& out) const override;
  void restore(StateReader& in) override;

 private:
  void on_record(int64_t row, int64_t event_ms, Output& out);
  void move_clock(int64_t clock, int64_t next_row, Output& out);
  void move_watermark(int64_t watermark, int64_t next_row, Output& out);
  void fire_until(int64_t time, Output& out);
  void fire(int64_t window, int64_t emitted_at);
  void revise(uint32_t key, bool was_there);
  void plan();
  void enter_pane(int64_t event_ms);
  void open_pane();
  void close_panes(int64_t next_row, Output& out);
  void collect_keys(int64_t next_row, Output& out);
  int64_t close_time(int64_t window) const {
    return grid_.window_end(window) + common_.window.lateness_ms;
  }
  bool by_clock() const { return common_.window.emit == WindowSpec::Emit::kClock; }

  static constexpr int64_t kFirstWindow = INT64_MIN / 8;  // before all; a hop of it is a number
  static constexpr int64_t kLastWindow = INT64_MAX / 8;

  KeyedAggregate common_;
  PaneGrid grid_;
  PaneMap panes_;
  RunningFold fold_;
  int64_t fired_;  // every window up to it has ended
  int64_t next_window_ = 0;
  int64_t next_fire_ = kForever;  // when next_window_, the next one with data, ends
  /// How often a window of a key was emitted, where it was more than once: (window, key).
  std::map<std::pair<int64_t, uint32_t>, int32_t> revisions_;
  std::vector<uint32_t> panes_of_key_;
  size_t live_keys_ = 0;
  size_t seen_keys_ = 0;

  // The pane of the last record.
  Pane* pane_ = nullptr;
  int64_t pane_index_ = 0;
  int64_t pane_begin_ = 0;
  int64_t pane_end_ = 0;
  int64_t pane_last_ = 0;  // window
  int64_t pane_close_ = 0;
};

}  // namespace cne::stream
