#pragma once

#include "tensor/cumulative.h"

namespace cne::tensor {

/// cumulative and linear_recurrence on a CUDA device, of types that fit: a block for each line,
/// floats in float64 and rounded for each element, added in another order than the CPU's.
Array cumulative_on_cuda(CumulativeOp op, const Array& array, int axis, bool reverse);
Array linear_recurrence_on_cuda(const Array& a, const Array& b, int axis, bool reverse);

}  // namespace cne::tensor
