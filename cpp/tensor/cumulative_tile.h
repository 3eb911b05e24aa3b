#pragma once

#include <cstdint>

#include "tensor/cumulative.h"

namespace cne::tensor {

/// In place, of `n` elements that lie one behind the other, at least one; `reverse`: from the last
/// one on. The type is one that the operation is computed in.
void cumulate_tile(CumulativeOp op, Element element, void* values, int64_t n, bool reverse);

/// values[i] = op(before, values[i]).
void put_before_tile(CumulativeOp op, Element element, const void* before, void* values, int64_t n);

}  // namespace cne::tensor
