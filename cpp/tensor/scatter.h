#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "tensor/indexing.h"

namespace cne::tensor {

enum class ScatterOp : uint8_t { kSet, kAdd, kMultiply, kMax, kMin };

const char* name_of(ScatterOp op);
std::optional<ScatterOp> parse_scatter_op(std::string_view name);

/// A copy of `operand`, into the elements of which that indices name updates are put, the first one
/// of a place first:
///
///   out[j] = op(out[j], updates[i])   for the j of each i, as gather reads it; see IndexAxes
///
/// `updates` has the shape that gather gives. float16 and bfloat16 are rounded once, at the end.
/// The result does not depend on the number of threads. Throws TypeError, ShapeError or
/// ArgumentError for what does not fit, and for an index out of bounds (IndexMode::kChecked).
Array scatter(ScatterOp op, const Array& operand, std::span<const Array> indices,
              const Array& updates, const IndexAxes& axes, IndexMode mode = IndexMode::kChecked);

/// The same into the array itself, which lies row by row and nobody else holds.
void scatter_into(ScatterOp op, Array& target, std::span<const Array> indices, const Array& updates,
                  const IndexAxes& axes, IndexMode mode = IndexMode::kChecked);

}  // namespace cne::tensor
