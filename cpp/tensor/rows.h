#pragma once

#include "tensor/array.h"

namespace cne::tensor {

// An array as rows that lie in order, for what goes along one axis, and back.

/// The elements with `axis` as the last one, in bytes of their own.
Array rows_along(const Array& array, int axis);
/// The same; the array itself if they lie so already.
Array contiguous_rows_along(const Array& array, int axis);
/// With the last axis as `axis` again, row by row.
Array rows_back(const Array& rows, int axis);

}  // namespace cne::tensor
