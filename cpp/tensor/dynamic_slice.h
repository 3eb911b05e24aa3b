#pragma once

#include <span>

#include "tensor/primitive.h"

namespace cne::tensor {

/// A block of an array whose place is only known when it runs:
///
///   out[i] = operand[start + i]   of the extents `sizes`
///
/// `starts` are integers without axes, one for each axis of the operand; a block that would reach
/// beyond it begins earlier, as XLA's DynamicSlice has it
/// (https://openxla.org/xla/operation_semantics#dynamicslice). A view. Throws ShapeError or
/// TypeError for what does not fit.
Array dynamic_slice(const Array& operand, std::span<const Array> starts, const Dims& sizes);

/// A copy of the operand with `update` in place of such a block.
Array dynamic_update_slice(const Array& operand, const Array& update,
                           std::span<const Array> starts);

/// A copy of the operand with `update` in place of a block of it that is known:
///
///   out[starts[a] + i[a] * steps[a] by axis a] = update[i]
///
/// Steps are not 0, and may be negative. Throws as copy_into does.
Array update_slice(const Array& operand, const Array& update, const Dims& starts,
                   const Dims& steps);

// The types of the results; they throw as these do.
Type dynamic_slice_type(const Type& operand, std::span<const Type> starts, const Dims& sizes);
Type dynamic_update_slice_type(const Type& operand, const Type& update,
                               std::span<const Type> starts);

// As primitives, also of values inside transformations.
Value dynamic_slice(const Value& operand, ValueSpan starts, const Dims& sizes);
Value dynamic_update_slice(const Value& operand, const Value& update, ValueSpan starts);
Value update_slice(const Value& operand, const Value& update, const Dims& starts,
                   const Dims& steps);

extern const Primitive kDynamicSlice;
extern const Primitive kDynamicUpdateSlice;
extern const Primitive kUpdateSlice;

}  // namespace cne::tensor
