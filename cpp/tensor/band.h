#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// A matrix with ones where low <= column - row <= high, and zeros elsewhere: an identity, a
/// triangle, a diagonal beside the first. Throws ShapeError for a shape of other than two axes.
Array band(const Type& type, int64_t low, int64_t high);

}  // namespace cne::tensor
