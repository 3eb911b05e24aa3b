#include "stream/running_fold.h"

#include <algorithm>

namespace cne::stream {

namespace {
constexpr size_t kAhead = 16;  // how many keys ahead a state is fetched into the cache
}

RunningFold::RunningFold(const frame::AggregateLayout& layout, const PaneGrid& grid, PaneMap& panes)
    : layout_(&layout),
      grid_(&grid),
      panes_(&panes),
      front_(layout),
      back_(layout),
      scratch_(layout) {}

void RunningFold::absorb(const Pane& pane) {
  const std::vector<uint32_t>& keys = pane.keys();
  for (size_t slot = 0; slot < keys.size(); ++slot) {
    if (slot + kAhead < keys.size()) __builtin_prefetch(back_.at(keys[slot + kAhead]), 1);
    layout_->merge(back_.at(keys[slot]), pane.state(slot));
    parts_[keys[slot]] |= kBack;
  }
}

/// The front part of a key is now this; null when it has none.
void RunningFold::set_front(uint32_t key, const uint8_t* folded) {
  uint8_t* const front = front_.at(key);
  if (layout_->owns_memory()) {
    layout_->destroy(front);
    layout_->init(front);
  }
  if (folded != nullptr) {
    copy_state(*layout_, front, folded);
    parts_[key] |= kFront;
  } else {
    parts_[key] &= static_cast<uint8_t>(~kFront);
  }
}

/// Folds panes [begin, end) from the last to the first; leaves the result in the front part.
void RunningFold::fold_front(int64_t begin, int64_t end) {
  std::vector<uint8_t*> fronts(parts_.size(), nullptr);
  const auto first = panes_->lower_bound(begin);
  for (auto it = panes_->lower_bound(end); it != first;) {
    --it;
    Pane& pane = it->second;
    const std::vector<uint32_t>& keys = pane.keys();
    pane.folded.clear();
    pane.links.resize(pane.size());
    for (size_t slot = 0; slot < pane.size(); ++slot) {
      if (slot + kAhead < pane.size()) {
        if (const uint8_t* ahead = fronts[keys[slot + kAhead]]) __builtin_prefetch(ahead);
      }
      uint8_t*& front = fronts[keys[slot]];
      uint8_t* const folded = pane.folded.add_copy(pane.state(slot));
      if (front != nullptr) layout_->merge(folded, front);
      pane.links[slot] = {folded, front};
      front = folded;
    }
  }
  for (uint32_t key = 0; key < fronts.size(); ++key)
    if (fronts[key] != nullptr) set_front(key, fronts[key]);
}

void RunningFold::grow(size_t known_keys) {
  if (known_keys <= parts_.size()) return;
  parts_.resize(known_keys, kNone);
  front_.grow(known_keys);
  back_.grow(known_keys);
}

void RunningFold::rebuild(size_t known_keys) {
  parts_.clear();
  front_.clear();
  back_.clear();
  grow(known_keys);
  boundary_ = grid_->fold_point(window_);
  fold_front(grid_->first_pane(window_), boundary_);
  const auto end = panes_->lower_bound(grid_->end_pane(window_));
  for (auto it = panes_->lower_bound(boundary_); it != end; ++it) absorb(it->second);
  valid_ = true;
}

void RunningFold::move_to(int64_t window, size_t known_keys) {
  const bool next = valid_ && window == window_ + 1 && grid_->fold_point(window) == boundary_;
  const int64_t old_begin = grid_->first_pane(window_);
  const int64_t old_end = grid_->end_pane(window_);
  window_ = window;
  if (!next) {
    rebuild(known_keys);
    return;
  }
  grow(known_keys);
  const auto kept = panes_->lower_bound(std::min(grid_->first_pane(window), boundary_));
  for (auto it = panes_->lower_bound(old_begin); it != kept; ++it) {
    const Pane& pane = it->second;
    for (size_t slot = 0; slot < pane.size(); ++slot) {
      if (slot + kAhead < pane.size()) {
        if (const uint8_t* ahead = pane.links[slot + kAhead].next) __builtin_prefetch(ahead);
      }
      set_front(pane.keys()[slot], pane.links[slot].next);
    }
  }
  const auto end = panes_->lower_bound(grid_->end_pane(window));
  for (auto it = panes_->lower_bound(old_end); it != end; ++it) absorb(it->second);
}

void RunningFold::emit(Emissions& rows) const {
  const auto keys = static_cast<uint32_t>(parts_.size());
  for (uint32_t key = 0; key < keys; ++key) {
    const uint8_t parts = parts_[key];
    if (parts == kNone) continue;
    uint8_t* const row = rows.add_copy(key, parts & kFront ? front_.at(key) : back_.at(key));
    if (parts == (kFront | kBack)) layout_->merge(row, back_.at(key));
  }
}

void RunningFold::refresh(int64_t pane, uint32_t key) {
  if (!valid_ || pane < grid_->first_pane(window_) || pane >= grid_->end_pane(window_)) return;
  grow(key + size_t{1});
  if (pane >= boundary_) {
    uint8_t* const state = back_.at(key);
    layout_->destroy(state);
    layout_->init(state);
    parts_[key] |= kBack;
    const auto end = panes_->lower_bound(grid_->end_pane(window_));
    for (auto it = panes_->lower_bound(boundary_); it != end; ++it)
      if (const uint8_t* part = it->second.find_state(key)) layout_->merge(state, part);
    return;
  }
  uint8_t* front = nullptr;
  const auto first = panes_->lower_bound(grid_->first_pane(window_));
  for (auto it = panes_->lower_bound(boundary_); it != first;) {
    --it;
    Pane& kept = it->second;
    const uint32_t slot = kept.find(key);
    if (slot == Pane::kAbsent) continue;
    kept.folded.grow(kept.size());  // a key that came to the pane after it was folded
    kept.links.resize(kept.size());
    uint8_t* const folded = kept.folded.at(slot);
    layout_->destroy(folded);
    layout_->init(folded);
    copy_state(*layout_, folded, kept.state(slot));
    if (front != nullptr) layout_->merge(folded, front);
    kept.links[slot] = {folded, front};
    front = folded;
  }
  set_front(key, front);
}

void RunningFold::fresh(int64_t window, uint32_t key, uint8_t* into) {
  const int64_t boundary = grid_->fold_point(window);
  std::vector<const uint8_t*> parts;
  const auto collect = [&](int64_t begin, int64_t end) {
    parts.clear();
    const auto stop = panes_->lower_bound(end);
    for (auto it = panes_->lower_bound(begin); it != stop; ++it)
      if (const uint8_t* state = it->second.find_state(key)) parts.push_back(state);
  };
  scratch_.clear();
  collect(grid_->first_pane(window), boundary);
  uint8_t* front = nullptr;
  for (size_t i = parts.size(); i-- > 0;) {
    uint8_t* const folded = scratch_.add_copy(parts[i]);
    if (front != nullptr) layout_->merge(folded, front);
    front = folded;
  }
  if (front != nullptr) layout_->merge(into, front);
  collect(boundary, grid_->end_pane(window));
  if (parts.empty()) return;
  uint8_t* const back = scratch_.add();
  for (const uint8_t* part : parts) layout_->merge(back, part);
  layout_->merge(into, back);
}

}  // namespace cne::stream
