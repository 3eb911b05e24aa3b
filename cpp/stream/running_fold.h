#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "stream/emission.h"
#include "stream/pane.h"
#include "stream/window_math.h"

namespace cne::stream {

using PaneMap = std::map<int64_t, Pane>;

/// The value of each key in one window after the other, at three merges a pane instead of one for
/// each pane of each window (van Herk 1992, Gil and Werman 1993; "two stacks").
///
/// Time is cut into blocks of as many panes as a window has. Window [i, j] with the block boundary
/// b in it is
///
///   (p[i] + (p[i+1] + (... + p[b-1])))  +  ((p[b] + p[b+1]) + ... + p[j])
///
/// the first part folded once a block, from its end; the second one pane at a time. Panes without
/// the key are left out. This order depends on the window alone, so a window that is computed
/// afresh
/// (`fresh`) has the same bits, however it was reached.
class RunningFold {
 public:
  RunningFold(const frame::AggregateLayout& layout, const PaneGrid& grid, PaneMap& panes);

  /// Moves to a window. Cheap for the one after the current one, else starts anew.
  void move_to(int64_t window, size_t known_keys);
  /// Adds a row for each key with data in the window, by number.
  void emit(Emissions& rows) const;
  /// Forgets the window: panes or keys have changed behind its back.
  void reset() { valid_ = false; }
  /// Whether panes from here on are in use.
  int64_t first_pane() const { return valid_ ? grid_->first_pane(window_) : INT64_MAX; }
  /// The state of a key in a pane that the window covers has changed.
  void refresh(int64_t pane, uint32_t key);
  /// Merges the value of a key into `into`, for any window whose panes are all kept.
  void fresh(int64_t window, uint32_t key, uint8_t* into);

 private:
  void rebuild(size_t known_keys);
  void grow(size_t known_keys);
  void fold_front(int64_t begin, int64_t end);
  void set_front(uint32_t key, const uint8_t* folded);
  void absorb(const Pane& pane);

  const frame::AggregateLayout* layout_;
  const PaneGrid* grid_;
  PaneMap* panes_;
  bool valid_ = false;
  int64_t window_ = 0;
  int64_t boundary_ = 0;
  // By key. The states of both parts lie in the order of the keys, so that emitting reads memory
  // from the beginning to the end.
  enum Parts : uint8_t { kNone = 0, kFront = 1, kBack = 2 };
  std::vector<uint8_t> parts_;
  StateArena front_;  // panes from the window's begin to the boundary
  StateArena back_;   // panes from the boundary on
  StateArena scratch_;
};

}  // namespace cne::stream
