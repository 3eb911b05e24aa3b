// The snapshot of sliding windows: counts, revisions, then the states of panes by key group.

#include <algorithm>
#include <tuple>

#include "core/error.h"
#include "stream/sliding_window.h"

namespace cne::stream {

void SlidingWindowOperator::snapshot(StateWriter& out) const {
  common_.snapshot(out);
  snapshot_counts(out);
  out.put(fired_);
  out.put<uint64_t>(revisions_.size());
  for (const auto& [place, count] : revisions_) {
    out.put(place.first);
    out.put(place.second);
    out.put(count);
  }
  const std::vector<uint8_t> groups = common_.keys.groups();
  std::vector<std::vector<std::tuple<int64_t, uint32_t, uint32_t, const uint8_t*>>> sections(
      kKeyGroups);
  for (const auto& [index, pane] : panes_)
    for (uint32_t slot = 0; slot < pane.size(); ++slot)
      sections[groups[pane.keys()[slot]]].emplace_back(index, slot, pane.keys()[slot],
                                                       pane.state(slot));
  for (const auto& section : sections) {
    out.put<uint64_t>(section.size());
    for (const auto& [index, slot, key, state] : section) {
      out.put(index);
      out.put(slot);
      out.put(key);
      common_.layout.serialize(state, out.bytes());
    }
  }
}

void SlidingWindowOperator::restore(StateReader& in) {
  common_.restore(in);
  restore_counts(in);
  fired_ = in.get<int64_t>();
  if (fired_ != kFirstWindow && fired_ != kLastWindow &&
      (fired_ < grid_.last_ended(-4 * kFarthest) || fired_ > grid_.last_ended(4 * kFarthest)))
    in.refuse("window", message(fired_));
  const int64_t first_pane = grid_.pane_of(-kFarthest);
  const int64_t last_pane = grid_.pane_of(kFarthest);
  for (size_t n = in.get_count(16); n > 0; --n) {
    const auto window =
        in.get_within(grid_.first_window(first_pane), grid_.last_window(last_pane), "window");
    const uint32_t key = common_.get_key(in);
    revisions_[{window, key}] = in.get_within<int32_t>(1, 1 << 30, "revision");
  }
  // The states are read where they lie, and added in the order in which the keys came to a pane.
  std::vector<std::tuple<int64_t, uint32_t, uint32_t, const uint8_t*>> entries;
  StateArena scratch(common_.layout);
  for (uint64_t group = 0; group < kKeyGroups; ++group)
    for (size_t n = in.get_count(16); n > 0; --n) {
      const auto index = in.get_within(first_pane, last_pane, "pane");
      const auto slot = in.get<uint32_t>();
      const uint32_t key = common_.get_key(in);
      uint8_t* state = scratch.add();
      in.move_to(common_.layout.deserialize(state, in.here(), in.end()));
      entries.emplace_back(index, slot, key, state);
    }
  std::sort(entries.begin(), entries.end());
  seen_keys_ = common_.keys.size();
  panes_of_key_.assign(seen_keys_, 0);
  for (const auto& [index, slot, key, state] : entries) {
    Pane& pane = panes_.try_emplace(index, common_.layout).first->second;
    if (pane.find(key) != Pane::kAbsent)
      throw CorruptionError("checkpoint: a pane has a key twice");
    common_.layout.merge(pane.add(key, seen_keys_), state);
    live_keys_ += panes_of_key_[key]++ == 0;
  }
  plan();
}

}  // namespace cne::stream
