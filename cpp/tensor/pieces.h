#pragma once

#include <cstdint>

#include "core/parallel.h"

namespace cne::tensor {

/// Runs `piece(begin, end)` over [0, n), cut every `grain`, on several threads if there is more
/// than one piece. What `piece` captures is not copied, and a single piece costs nothing beside it.
template <typename Piece>
void in_pieces(int64_t n, int64_t grain, const Piece& piece) {
  if (n <= grain)
    piece(int64_t{0}, n);
  else
    parallel_for(n, grain, [&piece](int64_t begin, int64_t end) { piece(begin, end); });
}

}  // namespace cne::tensor
