#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Where values go in sorted ones so that these stay sorted:
///
///   out[i] = how many of `sorted` are less than values[i]   (right: less or equal)
///
/// `sorted` has one axis, or rows along its last one, whose other axes `values` has as well. NaNs
/// are behind all numbers. The result is int64 and has the shape of `values`. Throws TypeError for
/// two types or complex numbers, ShapeError for axes that do not fit.
Array search_sorted(const Array& sorted, const Array& values, bool right);

/// The type of the result; throws as it does.
Type search_sorted_type(const Type& sorted, const Type& values);

/// As a primitive, also of values inside transformations.
Value search_sorted(const Value& sorted, const Value& values, bool right);

extern const Primitive kSearchSorted;

}  // namespace cne::tensor
