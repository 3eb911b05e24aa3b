#pragma once

#include <cstdint>

namespace cne::stream {

constexpr int64_t floor_div(int64_t a, int64_t b) {
  const int64_t q = a / b;
  return q - ((a % b != 0) && ((a < 0) != (b < 0)));
}

/// How a sliding (or tumbling) window is cut into panes, which the windows that overlap share.
///
/// Windows begin at `offset + k * slide`, as in Flink and Beam, and end (exclusive) `size` later;
/// window k is the one that ends at `end_offset + k * slide`. Panes are the pieces
/// between all beginnings and ends: one a slide when `size` is a multiple of `slide`, else two
/// (Krishnamurthy, Wu and Franklin 2006, "paired windows"). An event is added to one pane.
/// With `hop` panes a slide and `panes` panes a window, window k is panes [hop*k - panes, hop*k).
struct PaneGrid {
  int64_t size = 1;
  int64_t slide = 1;
  int64_t rest = 0;        // size % slide
  int64_t end_offset = 0;  // offset + rest
  int64_t hop = 1;
  int64_t panes = 1;

  PaneGrid() = default;
  PaneGrid(int64_t size_ms, int64_t slide_ms, int64_t offset_ms)
      : size(size_ms),
        slide(slide_ms),
        rest(size_ms % slide_ms),
        end_offset(offset_ms + rest),
        hop(rest ? 2 : 1),
        panes(rest ? size_ms / slide_ms * 2 + 1 : size_ms / slide_ms) {}

  int64_t pane_of(int64_t time) const {
    const int64_t m = floor_div(time - end_offset, slide);
    if (rest == 0) return m;
    return 2 * m + ((time - end_offset) - m * slide >= slide - rest);
  }
  int64_t pane_begin(int64_t pane) const {
    if (rest == 0) return end_offset + pane * slide;
    const int64_t m = floor_div(pane, 2);
    return end_offset + m * slide + (pane - 2 * m ? slide - rest : 0);
  }
  /// The last window that has ended by `time`.
  int64_t last_ended(int64_t time) const { return floor_div(time - end_offset, slide); }
  int64_t window_end(int64_t window) const { return end_offset + window * slide; }
  int64_t window_begin(int64_t window) const { return window_end(window) - size; }
  int64_t first_pane(int64_t window) const { return hop * window - panes; }
  int64_t end_pane(int64_t window) const { return hop * window; }
  int64_t first_window(int64_t pane) const { return floor_div(pane, hop) + 1; }
  int64_t last_window(int64_t pane) const { return floor_div(pane + panes, hop); }
  /// Where the panes before and from it are folded apart: the one multiple of `panes` in a window,
  /// so that the order of additions in a window depends on nothing but the window.
  int64_t fold_point(int64_t window) const {
    return -floor_div(-first_pane(window), panes) * panes;
  }
};

}  // namespace cne::stream
