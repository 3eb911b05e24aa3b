#pragma once

#include <span>

#include "tensor/indexing.h"
#include "tensor/scatter.h"

namespace cne::tensor {

/// scatter_into of a target on a CUDA device, whose types fit. Places are sorted with the numbers
/// of their updates, then a thread does all updates of one place in their order: the bits of the
/// CPU, whichever block comes first. An index out of bounds (IndexMode::kChecked) writes nothing,
/// and the next copy to the CPU throws.
void scatter_on_cuda(ScatterOp op, Array& target, std::span<const Array> indices,
                     const Array& updates, const IndexAxes& axes, IndexMode mode);

}  // namespace cne::tensor
