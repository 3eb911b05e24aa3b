#pragma once

#include "tensor/array.h"
#include "tensor/elementwise_op.h"

namespace cne::tensor {

/// out[i] = op(a[i]). Throws TypeError for a type that the operation does not take.
Array elementwise(ElementOp op, const Array& a);

/// out[i] = op(a[i], b[i]), both broadcast to one shape. Throws TypeError for a type that the
/// operation does not take, or for two types; ShapeError where they cannot be broadcast.
Array elementwise(ElementOp op, const Array& a, const Array& b);

/// The same numbers as another type; see cast_tile. The array itself when it has it already.
Array cast(const Array& array, Element element);

/// The same elements row by row, in bytes of their own.
Array copy(const Array& array);

/// The same elements row by row; the array itself when they lie so already.
Array contiguous(const Array& array);

}  // namespace cne::tensor
