#include "stream/running_fold.h"

#include <algorithm>

namespace cne::stream {

RunningFold::RunningFold(const frame::AggregateLayout& layout, const PaneGrid& grid, PaneMap& panes)
    : layout_(&layout), grid_(&grid), panes_(&panes), back_(layout) {}

void RunningFold::absorb(const Pane& pane) {
  const std::vector<uint32_t>& keys = pane.keys();
  for (size_t slot = 0; slot < keys.size(); ++slot) {
    layout_->merge(back_.at(keys[slot]), pane.state(slot));
    back_used_[keys[slot]] = 1;
  }
}

/// Folds panes [begin, end) from the last to the first.
void RunningFold::fold_front(int64_t begin, int64_t end) {
  std::fill(front_.begin(), front_.end(), nullptr);
  const auto first = panes_->lower_bound(begin);
  for (auto it = panes_->lower_bound(end); it != first;) {
    --it;
    Pane& pane = it->second;
    pane.folded.clear();
    pane.folded.grow(pane.size());
    pane.links.resize(pane.size());
    for (size_t slot = 0; slot < pane.size(); ++slot) {
      uint8_t*& front = front_[pane.keys()[slot]];
      uint8_t* const folded = pane.folded.at(slot);
      layout_->merge(folded, pane.state(slot));
      if (front != nullptr) layout_->merge(folded, front);
      pane.links[slot] = {folded, front};
      front = folded;
    }
  }
}

void RunningFold::rebuild(size_t known_keys) {
  front_.assign(known_keys, nullptr);
  back_.clear();
  back_.grow(known_keys);
  back_used_.assign(known_keys, 0);
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
  front_.resize(known_keys, nullptr);
  back_.grow(known_keys);
  back_used_.resize(known_keys, 0);
  const auto kept = panes_->lower_bound(std::min(grid_->first_pane(window), boundary_));
  for (auto it = panes_->lower_bound(old_begin); it != kept; ++it) {
    const Pane& pane = it->second;
    for (size_t slot = 0; slot < pane.size(); ++slot)
      front_[pane.keys()[slot]] = pane.links[slot].next;
  }
  const auto end = panes_->lower_bound(grid_->end_pane(window));
  for (auto it = panes_->lower_bound(old_end); it != end; ++it) absorb(it->second);
}

void RunningFold::refresh(int64_t pane, uint32_t key) {
  if (!valid_ || pane < grid_->first_pane(window_) || pane >= grid_->end_pane(window_)) return;
  if (key >= known_keys()) {
    front_.resize(key + size_t{1}, nullptr);
    back_.grow(key + size_t{1});
    back_used_.resize(key + size_t{1}, 0);
  }
  if (pane >= boundary_) {
    uint8_t* const state = back_.at(key);
    layout_->destroy(state);
    layout_->init(state);
    back_used_[key] = 1;
    const auto end = panes_->lower_bound(grid_->end_pane(window_));
    for (auto it = panes_->lower_bound(boundary_); it != end; ++it)
      if (const uint8_t* part = it->second.find_state(key)) layout_->merge(state, part);
    return;
  }
  uint8_t*& front = front_[key];
  front = nullptr;
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
    layout_->merge(folded, kept.state(slot));
    if (front != nullptr) layout_->merge(folded, front);
    kept.links[slot] = {folded, front};
    front = folded;
  }
}

void RunningFold::merge(uint32_t key, uint8_t* into) const {
  if (front_[key] != nullptr) layout_->merge(into, front_[key]);
  if (back_used_[key]) layout_->merge(into, back_.at(key));
}

void RunningFold::fresh(int64_t window, uint32_t key, uint8_t* into) const {
  const int64_t boundary = grid_->fold_point(window);
  std::vector<const uint8_t*> parts;
  const auto collect = [&](int64_t begin, int64_t end) {
    parts.clear();
    const auto stop = panes_->lower_bound(end);
    for (auto it = panes_->lower_bound(begin); it != stop; ++it)
      if (const uint8_t* state = it->second.find_state(key)) parts.push_back(state);
  };
  StateArena scratch(*layout_);
  collect(grid_->first_pane(window), boundary);
  uint8_t* front = nullptr;
  for (size_t i = parts.size(); i-- > 0;) {
    uint8_t* const folded = scratch.add();
    layout_->merge(folded, parts[i]);
    if (front != nullptr) layout_->merge(folded, front);
    front = folded;
  }
  if (front != nullptr) layout_->merge(into, front);
  collect(boundary, grid_->end_pane(window));
  if (parts.empty()) return;
  uint8_t* const back = scratch.add();
  for (const uint8_t* part : parts) layout_->merge(back, part);
  layout_->merge(into, back);
}

}  // namespace cne::stream
