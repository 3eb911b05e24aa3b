#pragma once

#include <span>
#include <vector>

#include "tensor/primitive.h"

namespace cne::tensor {

// Sorting along an axis, which may be negative. It is stable: equal elements keep their order, also
// when descending. NaNs go to the end in both directions; complex numbers are sorted by their real
// parts, then by the imaginary ones.

Array sort(const Array& array, int64_t axis, bool descending);

/// int64: gather(array, argsort(array)) along the axis is sort(array).
Array argsort(const Array& array, int64_t axis, bool descending);

/// All arrays, which have one shape, in the order of the first one. Throws ShapeError else.
std::vector<Array> sort(std::span<const Array> arrays, int64_t axis, bool descending);

// As primitives, also of values inside transformations. An element's derivative goes with it.
Value sort(const Value& value, int64_t axis, bool descending);
Value argsort(const Value& value, int64_t axis, bool descending);
Values sort(ValueSpan values, int64_t axis, bool descending);

extern const Primitive kSort;
extern const Primitive kArgsort;

}  // namespace cne::tensor
