#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Puts elements around and between those of an array: by axis `low` before the first, `high`
/// behind the last, `interior` (at least 0) between two. A negative `low` or `high` cuts off as
/// many of what the interior ones made of the axis.
///
///   out[low + i * (interior + 1)] = array[i]   where that is inside; else `value`
///
/// `value` has no axes and the type of the array. Throws TypeError or ShapeError. The operation is
/// XLA's Pad (https://openxla.org/xla/operation_semantics#pad).
Array pad(const Array& array, const Array& value, const Dims& low, const Dims& high,
          const Dims& interior);

/// The shape that it gives.
Dims padded_shape(const Dims& shape, const Dims& low, const Dims& high, const Dims& interior);

/// As a primitive, also of values inside transformations.
Value pad(const Value& value, const Value& with, const Dims& low, const Dims& high,
          const Dims& interior);

struct PadParams {
  Dims low;
  Dims high;
  Dims interior;
  auto fields() const { return std::tie(low, high, interior); }
};

extern const Primitive kPad;

}  // namespace cne::tensor
