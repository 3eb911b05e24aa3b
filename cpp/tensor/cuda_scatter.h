#pragma once

#include <span>

#include "tensor/indexing.h"
#include "tensor/scatter.h"

namespace cne::tensor {

/// scatter_into of a target on a CUDA device, whose types fit, with the bits of the CPU, whichever
/// block comes first. Where the order of updates makes no difference a thread does one of them: no
/// place is named twice (`unique`), or integers of 4 and 8 bytes are put together, by atomics. Else
/// places are sorted with the numbers of their updates, then a thread does all updates of one place
/// in their order: sums of floats, and of what is written to one place the last one. An index out
/// of bounds (IndexMode::kChecked) writes nothing, and the next copy to the CPU throws.
void scatter_on_cuda(ScatterOp op, Array& target, std::span<const Array> indices,
                     const Array& updates, const IndexAxes& axes, IndexMode mode, bool unique);

}  // namespace cne::tensor
