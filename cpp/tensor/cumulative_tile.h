#pragma once

#include <cstdint>

#include "tensor/cumulative.h"

namespace cne::tensor {

/// A tile's place in a line.
struct CumulativeTile {
  bool reverse;         // from the last element on
  const void* carried;  // what the tiles before it in a piece gave, or null
  const void* before;   // what is put in front of the piece, or null
  void* total;          // becomes what the piece gave so far; may be `carried`
};

/// In place, of `n` elements that lie one behind the other, at least one. The type is one that the
/// operation is computed in.
void cumulate_tile(CumulativeOp op, Element element, void* values, int64_t n,
                   const CumulativeTile& tile);

/// values[i] = op(before, values[i]).
void put_before_tile(CumulativeOp op, Element element, const void* before, void* values, int64_t n);

/// cumulate_tile of logarithms.
void cumulate_logs(double* values, int64_t n, const CumulativeTile& tile);

}  // namespace cne::tensor
