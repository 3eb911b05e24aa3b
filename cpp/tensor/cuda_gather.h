#pragma once

#include <span>
#include <string>

#include "tensor/cuda_kernel.h"
#include "tensor/indexing.h"

namespace cne::tensor {

/// gather of an operand on a CUDA device, whose types fit: a thread an element. An index out of
/// bounds (IndexMode::kChecked) reads 0; the next copy to the CPU throws then, so that nothing
/// waits.
Array gather_on_cuda(const Array& operand, std::span<const Array> indices, const IndexAxes& axes,
                     IndexMode mode);

/// Strides of an array by the axes of a result: 0 where it does not run along one.
Dims strides_along(const Array& array, const Dims& axes);

/// Adds the lines that find `place`, in elements of `target` from its first one, and whether it is
/// one, `is_there`, by the indices of `at` of a shape; `along` says which axis of the indices each
/// of its axes is.
void write_places(PlaceKernel& kernel, const Array& target, std::span<const Array> indices,
                  const Dims& indexed, const Dims& shape, const Dims& along, IndexMode mode);

}  // namespace cne::tensor
