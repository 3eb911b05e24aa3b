#pragma once

#include <span>

#include "tensor/indexing.h"
#include "tensor/primitive.h"

namespace cne::tensor {

/// The elements of `operand` that indices name; see IndexAxes. Rows that lie in order are copied as
/// such. Throws TypeError, ShapeError or ArgumentError for what does not fit, and for an index out
/// of bounds (IndexMode::kChecked).
Array gather(const Array& operand, std::span<const Array> indices, const IndexAxes& axes,
             IndexMode mode = IndexMode::kChecked);

/// The type of the result; throws as it does for types that do not fit.
Type gather_type(const Type& operand, std::span<const Type> indices, const IndexAxes& axes);

/// As a primitive, also of values inside transformations.
Value gather(const Value& operand, ValueSpan indices, const IndexAxes& axes,
             IndexMode mode = IndexMode::kChecked);

extern const Primitive kGather;

}  // namespace cne::tensor
