#pragma once

#include <span>

#include "tensor/array.h"

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

}  // namespace cne::tensor
