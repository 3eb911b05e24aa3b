#include "stream/sliding_window.h"

#include <algorithm>

#include "core/error.h"

namespace cne::stream {

namespace {
constexpr size_t kFlushRows = 65536;
constexpr size_t kFewKeys = 4096;
}  // namespace

SlidingWindowOperator::SlidingWindowOperator(const AggregateSpec& spec, const Schema& input)
    : common_(spec, input),
      grid_(spec.window.size_ms, spec.window.slide_ms, spec.window.offset_ms),
      fold_(common_.layout, grid_, panes_),
      fired_(kFirstWindow) {
  schema_ = common_.emissions.schema();
}

void SlidingWindowOperator::on_batch(const Batch& batch, Output& out) {
  common_.begin(batch);
  common_.play(
      batch, [&](int64_t row, int64_t event_ms) { on_record(row, event_ms, out); },
      [&](int64_t clock, int64_t next_row) { move_clock(clock, next_row, out); },
      [&](int64_t watermark, int64_t next_row) { move_watermark(watermark, next_row, out); });
  common_.end(out, counts_);
}

void SlidingWindowOperator::on_watermark(int64_t clock, int64_t watermark, Output& out) {
  const auto rows = static_cast<int64_t>(common_.ids.size());
  if (clock > common_.clock) move_clock(clock, rows, out);
  if (watermark > common_.watermark) move_watermark(watermark, rows, out);
  common_.end(out, counts_);
}

void SlidingWindowOperator::move_clock(int64_t clock, int64_t next_row, Output& out) {
  if (by_clock() && clock >= next_fire_) {
    fire_until(clock, out);
    close_panes(next_row, out);
  } else if (by_clock()) {
    fired_ = clock == kEndOfTime ? kLastWindow : std::max(fired_, grid_.last_ended(clock));
  }
  common_.clock = clock;
}

void SlidingWindowOperator::move_watermark(int64_t watermark, int64_t next_row, Output& out) {
  common_.watermark = watermark;
  if (!by_clock()) fire_until(watermark, out);
  close_panes(next_row, out);
}

void SlidingWindowOperator::fire_until(int64_t time, Output& out) {
  while (next_fire_ <= time) {
    fire(next_window_, by_clock() ? next_fire_ : common_.clock);
    fired_ = next_window_;
    plan();
    if (common_.emissions.pending() >= kFlushRows) common_.flush_emissions(out, counts_);
  }
  fired_ = time == kEndOfTime ? kLastWindow : std::max(fired_, grid_.last_ended(time));
}

void SlidingWindowOperator::fire(int64_t window, int64_t emitted_at) {
  common_.pending.flush();
  Emissions& rows = common_.emissions;
  rows.begin_rows(grid_.window_begin(window), grid_.window_end(window), emitted_at, 0);
  if (grid_.panes == 1) {
    const Pane& pane = panes_.at(grid_.first_pane(window));
    for (size_t slot = 0; slot < pane.size(); ++slot)
      rows.add_copy(pane.keys()[slot], pane.state(slot));
    return;
  }
  fold_.move_to(window, common_.keys.size());
  fold_.emit(rows);
}

/// Finds the next window with data.
void SlidingWindowOperator::plan() {
  next_fire_ = kForever;
  const auto it = panes_.lower_bound(grid_.first_pane(fired_ + 1));
  if (it == panes_.end()) return;
  next_window_ = std::max(fired_ + 1, grid_.first_window(it->first));
  next_fire_ = grid_.window_end(next_window_);
}

void SlidingWindowOperator::enter_pane(int64_t event_ms) {
  pane_index_ = grid_.pane_of(event_ms);
  pane_begin_ = grid_.pane_begin(pane_index_);
  pane_end_ = grid_.pane_begin(pane_index_ + 1);
  pane_last_ = grid_.last_window(pane_index_);
  pane_close_ = close_time(pane_last_);
  const auto it = panes_.find(pane_index_);
  pane_ = it == panes_.end() ? nullptr : &it->second;
}

void SlidingWindowOperator::open_pane() {
  pane_ = &panes_.try_emplace(pane_index_, common_.layout).first->second;
  const int64_t window = std::max(fired_ + 1, grid_.first_window(pane_index_));
  if (window > grid_.last_window(pane_index_) || grid_.window_end(window) >= next_fire_) return;
  next_window_ = window;
  next_fire_ = grid_.window_end(window);
}

void SlidingWindowOperator::on_record(int64_t row, int64_t event_ms, Output& out) {
  const uint32_t key = common_.key_of(row);
  seen_keys_ = std::max<size_t>(seen_keys_, key + size_t{1});
  counts_.late += event_ms < common_.watermark;
  if (pane_begin_ == pane_end_ || event_ms < pane_begin_ || event_ms >= pane_end_)
    enter_pane(event_ms);
  if (common_.watermark >= pane_close_ && pane_last_ <= fired_) {
    ++counts_.dropped;
    out.dropped.push_back(row);
    common_.pending.push(nullptr);
    return;
  }
  if (pane_ == nullptr) open_pane();
  uint8_t* state = pane_->find_state(key);
  const bool was_there = state != nullptr;
  if (!was_there) {
    state = pane_->add(key, common_.keys.size());
    if (key >= panes_of_key_.size()) panes_of_key_.resize(common_.keys.size(), 0);
    live_keys_ += panes_of_key_[key]++ == 0;
  }
  common_.pending.push(state);
  if (pane_index_ < grid_.end_pane(fired_)) revise(key, was_there);
}

/// A record has changed windows that were emitted, or would have been if they had had data.
void SlidingWindowOperator::revise(uint32_t key, bool was_there) {
  common_.pending.flush();
  fold_.refresh(pane_index_, key);
  const int64_t last = std::min(fired_, grid_.last_window(pane_index_));
  for (int64_t window = grid_.first_window(pane_index_); window <= last; ++window) {
    if (common_.watermark >= close_time(window)) continue;
    int32_t revision = was_there;
    const auto end = panes_.lower_bound(grid_.end_pane(window));
    for (auto it = panes_.lower_bound(grid_.first_pane(window)); it != end && !revision; ++it)
      revision = it->first != pane_index_ && it->second.find(key) != Pane::kAbsent;
    if (revision > 0) {
      const auto [it, first] = revisions_.try_emplace({window, key}, 1);
      revision = it->second++;
    }
    common_.emissions.begin_rows(grid_.window_begin(window), grid_.window_end(window),
                                 common_.clock, revision);
    fold_.fresh(window, key, common_.emissions.add(key));
  }
}

/// Frees the panes that no window will need again.
void SlidingWindowOperator::close_panes(int64_t next_row, Output& out) {
  const int64_t watermark = common_.watermark;
  while (!revisions_.empty() && watermark >= close_time(revisions_.begin()->first.first))
    revisions_.erase(revisions_.begin());
  bool closed = false;
  for (auto it = panes_.begin(); it != panes_.end();) {
    const int64_t last = grid_.last_window(it->first);
    if (watermark < close_time(last) || last > fired_ || it->first >= fold_.first_pane()) break;
    if (!closed) common_.pending.flush();
    for (const uint32_t key : it->second.keys()) live_keys_ -= --panes_of_key_[key] == 0;
    it = panes_.erase(it);
    closed = true;
  }
  if (!closed) return;
  pane_begin_ = pane_end_ = 0;
  // Decided by what has been processed, never by what the batch holds beyond it.
  if (seen_keys_ > kFewKeys && seen_keys_ > 2 * live_keys_) collect_keys(next_row, out);
}

/// Gives up the numbers of keys that have no state.
void SlidingWindowOperator::collect_keys(int64_t next_row, Output& out) {
  common_.flush_emissions(out, counts_);
  std::vector<uint32_t> kept, renumbered;
  for (size_t key = 0; key < seen_keys_ && key < panes_of_key_.size(); ++key)
    if (panes_of_key_[key] > 0) kept.push_back(static_cast<uint32_t>(key));
  common_.keep_only(kept, renumbered, next_row);
  for (auto& [index, pane] : panes_) pane.renumber(renumbered, common_.keys.size());
  for (size_t i = 0; i < kept.size(); ++i) panes_of_key_[i] = panes_of_key_[kept[i]];
  panes_of_key_.resize(kept.size());
  panes_of_key_.resize(common_.keys.size(), 0);
  seen_keys_ = kept.size();
  fold_.reset();
  std::map<std::pair<int64_t, uint32_t>, int32_t> revisions;
  for (const auto& [place, count] : revisions_)
    if (renumbered[place.second] != frame::KeyTable::kAbsent)
      revisions[{place.first, renumbered[place.second]}] = count;
  revisions_ = std::move(revisions);
}

}  // namespace cne::stream
