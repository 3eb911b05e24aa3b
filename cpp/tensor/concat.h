#pragma once

#include <span>

#include "tensor/primitive.h"

namespace cne::tensor {

/// Arrays one behind the other along an axis, which may be negative; at least one, of one element
/// type, whose other extents are the same. Throws TypeError, ShapeError or ArgumentError else.
Array concat(std::span<const Array> arrays, int64_t axis);

/// The type of the result; throws as it does.
Type concat_type(std::span<const Type> types, int64_t axis);

/// As a primitive, also of values inside transformations.
Value concat(ValueSpan values, int64_t axis);

struct ConcatParams {
  int axis;
  auto fields() const { return std::tie(axis); }
};

extern const Primitive kConcat;

}  // namespace cne::tensor
