#pragma once

#include <algorithm>
#include <cstdint>

#include "core/parallel.h"
#include "tensor/array.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"

namespace cne::tensor {

/// An array of elements row by row as lines along an axis: element i of the line (outer, inner) is
/// at (outer * length + i) * inners + inner.
struct Lines {
  int64_t outers;
  int64_t length;
  int64_t inners;
};

/// Columns of fewer elements side by side are better turned into rows.
inline constexpr int64_t kFewColumns = 16;

inline Lines lines_of(const Dims& shape, int axis) {
  Lines out{1, shape[axis], 1};
  for (int each = 0; each < shape.size(); ++each)
    if (each != axis) (each < axis ? out.outers : out.inners) *= shape[each];
  return out;
}

/// A tile of numbers of any type.
struct alignas(64) NumberTile {
  uint8_t bytes[kTile * 16];
};

/// Calls f(first, count) for tiles of a line of `length`, from the end if it goes backwards.
template <typename F>
void each_tile(int64_t begin, int64_t end, bool reverse, const F& f) {
  if (!reverse) {
    for (int64_t at = begin; at < end; at += kTile) f(at, std::min(kTile, end - at));
    return;
  }
  // The same cuts, the last one first.
  for (int64_t at = begin + (end - begin - 1) / kTile * kTile; at >= begin; at -= kTile)
    f(at, std::min(kTile, end - at));
}

/// Lines side by side: calls f(outer, inner, count) for each tile of columns, on several threads.
template <typename F>
void each_columns(const Lines& lines, const F& f) {
  const int64_t tiles = (lines.inners + kTile - 1) / kTile;
  const int64_t work = lines.length * std::min(lines.inners, kTile);
  in_pieces(lines.outers * tiles, std::max<int64_t>(32 * kTile / work, 1),
            [&](int64_t begin, int64_t end) {
              for (int64_t task = begin; task < end; ++task) {
                const int64_t inner = task % tiles * kTile;
                f(task / tiles, inner, std::min(kTile, lines.inners - inner));
              }
            });
}

}  // namespace cne::tensor
