#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tensor/elementwise_op.h"
#include "tensor/indexing.h"
#include "tensor/primitive.h"

namespace cne::tensor {

enum class ScatterOp : uint8_t { kSet, kAdd, kMultiply, kMax, kMin };

const char* name_of(ScatterOp op);
/// The operation on pairs that it puts elements together by; kAdd for kSet, which has none.
ElementOp pairwise(ScatterOp op);
std::optional<ScatterOp> parse_scatter_op(std::string_view name);

/// A copy of `operand`, into the elements of which that indices name updates are put, the first one
/// of a place first:
///
///   out[j] = op(out[j], updates[i])   for the j of each i, as gather reads it; see IndexAxes
///
/// `updates` has the shape that gather gives. float16 and bfloat16 are rounded once, at the end.
/// The result does not depend on the number of threads. `unique`: no two indices lead to one place,
/// which a device does faster. Throws TypeError, ShapeError or
/// ArgumentError for what does not fit, and for an index out of bounds (IndexMode::kChecked).
Array scatter(ScatterOp op, const Array& operand, std::span<const Array> indices,
              const Array& updates, const IndexAxes& axes, IndexMode mode = IndexMode::kChecked,
              bool unique = false);

/// The type of the result; throws as it does for types that do not fit.
Type scatter_type(ScatterOp op, const Type& operand, std::span<const Type> indices,
                  const Type& updates, const IndexAxes& axes);

/// The same into the array itself, which lies row by row and nobody else holds.
void scatter_into(ScatterOp op, Array& target, std::span<const Array> indices, const Array& updates,
                  const IndexAxes& axes, IndexMode mode = IndexMode::kChecked, bool unique = false);

/// As a primitive, also of values inside transformations. `unique`: no two indices are the same,
/// which makes the derivative of kSet cheaper.
Value scatter(ScatterOp op, const Value& operand, ValueSpan indices, const Value& updates,
              const IndexAxes& axes, IndexMode mode = IndexMode::kChecked, bool unique = false);

extern const Primitive kScatter;

}  // namespace cne::tensor
