#pragma once

#include <span>

#include "tensor/indexing.h"

namespace cne::tensor {

/// The elements of `operand` that indices name; see IndexAxes. Rows that lie in order are copied as
/// such. Throws TypeError, ShapeError or ArgumentError for what does not fit, and for an index out
/// of bounds (IndexMode::kChecked).
Array gather(const Array& operand, std::span<const Array> indices, const IndexAxes& axes,
             IndexMode mode = IndexMode::kChecked);

}  // namespace cne::tensor
