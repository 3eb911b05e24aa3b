#pragma once

#include "tensor/array.h"
#include "tensor/elementwise_op.h"
#include "tensor/primitive.h"

namespace cne::tensor {

/// out[i] = op(a[i]). Throws TypeError for a type that the operation does not take.
Array elementwise(ElementOp op, const Array& a);

/// out[i] = op(a[i], b[i]), both broadcast to one shape. Throws TypeError for a type that the
/// operation does not take, or for two types; ShapeError where they cannot be broadcast.
Array elementwise(ElementOp op, const Array& a, const Array& b);

/// Throws TypeError for types that an operation does not take, or for two different ones.
void check_element_op(ElementOp op, std::span<const Type> inputs);

/// As primitives, also of values inside transformations.
Value elementwise(ElementOp op, const Value& a);
Value elementwise(ElementOp op, const Value& a, const Value& b);
Value cast(const Value& value, Element element);

struct ElementwiseParams {
  ElementOp op;
  auto fields() const { return std::tie(op); }
};

struct CastParams {
  Element element;
  auto fields() const { return std::tie(element); }
};

/// Of every operation one, so that eager programs make none.
const Params& elementwise_params(ElementOp op);

extern const Primitive kElementwise;
extern const Primitive kCast;

/// The same numbers as another type; see cast_tile. The array itself when it has it already.
Array cast(const Array& array, Element element);

/// The same elements row by row, in bytes of their own.
Array copy(const Array& array);

/// The same elements row by row; the array itself when they lie so already.
Array contiguous(const Array& array);

}  // namespace cne::tensor
