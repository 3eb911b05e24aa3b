#pragma once

#include "tensor/array.h"

namespace cne::tensor {

// Other ways to see the same elements. What can be is a view of the same bytes; only a reshape of
// elements that do not lie in order copies.

/// The axes of `axes` as numbers from 0; negative ones count from the end. Throws ArgumentError
/// naming `function` for one that is not there, or is named twice.
Dims normalize_axes(const Dims& axes, int rank, const char* function);
int normalize_axis(int64_t axis, int rank, const char* function);

/// The elements row by row in another shape, of which one extent may be -1: what is left. Throws
/// ShapeError when it has another number of elements.
Array reshape(const Array& array, const Dims& shape);
/// out.shape[i] = array.shape[axes[i]].
Array permute(const Array& array, const Dims& axes);
/// Axes of the extent 1 at these places of the result.
Array expand_dims(const Array& array, const Dims& axes);
/// Without these axes. Throws ShapeError for one whose extent is not 1.
Array squeeze(const Array& array, const Dims& axes);
Array broadcast_to(const Array& array, const Dims& shape);
Array flip(const Array& array, const Dims& axes);

/// Of one axis `count` elements from `start` on, each `step` behind the one before; the caller has
/// checked that they are there.
Array slice_axis(const Array& array, int axis, int64_t start, int64_t step, int64_t count);
/// One element of an axis, which goes. Throws ArgumentError when it is not there; negative ones
/// count from the end.
Array take_one(const Array& array, int axis, int64_t index);

}  // namespace cne::tensor
