#pragma once

#include <algorithm>
#include <cstdint>

#include "tensor/elementwise_tile.h"
#include "tensor/tile_reader.h"

namespace cne::tensor {

/// Shorter runs are gathered, as a call for each would cost more than copies.
inline constexpr int64_t kShortestRun = 128;

/// The next tile of an operation: `count` elements of each input, of which one may be one element
/// for all.
template <size_t N>
struct TileOperands {
  int64_t count;
  const void* in[N];
  Sides sides = Sides::kArrays;
};

/// From `at` on, not beyond `end` and at most kTile elements. Inputs that lie in order there, such
/// as a row that is repeated, are not copied, nor is one element beside an array; the others are
/// gathered in `scratch`, of kTile elements each.
template <size_t N>
TileOperands<N> next_operands(const TileReader (&readers)[N], int64_t at, int64_t end,
                              void* const (&scratch)[N]) {
  TileOperands<N> out;
  out.count = std::min(kTile, end - at);
  TileReader::Run runs[N];
  int64_t shortest = out.count;
  for (size_t i = 0; i < N; ++i) {
    runs[i] = readers[i].run(at);
    shortest = std::min(shortest, runs[i].count);
  }
  const bool in_order = shortest >= std::min(kShortestRun, out.count);
  if (in_order) out.count = shortest;
  bool has_one = false;
  for (size_t i = 0; i < N; ++i) {
    // Of two that are one element the second is copied, as that of a single input is.
    const bool is_one = in_order && runs[i].is_one && N == 2 && !has_one;
    if (is_one) out.sides = i == 0 ? Sides::kFirstIsOne : Sides::kSecondIsOne;
    const bool is_there = in_order && (is_one || !runs[i].is_one);
    out.in[i] = is_there ? runs[i].at : readers[i].read(at, out.count, scratch[i]);
    has_one |= is_one;
  }
  return out;
}

}  // namespace cne::tensor
