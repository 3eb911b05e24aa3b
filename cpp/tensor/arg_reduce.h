#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// For each run of `length` elements of an array, in the order of its shape's rows, the place of
/// the first largest or smallest one into `out` (int64); the first NaN is either.
void arg_reduce(bool largest, const Array& array, int64_t length, Array& out);

}  // namespace cne::tensor
