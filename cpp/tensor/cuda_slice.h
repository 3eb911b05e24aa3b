#pragma once

#include <span>

#include "tensor/array.h"

namespace cne::tensor {

/// dynamic_slice and dynamic_update_slice where a start lies on a CUDA device: kernels read it
/// there, so nothing waits for it. Types fit.
Array dynamic_slice_on_cuda(const Array& operand, std::span<const Array> starts, const Dims& sizes);
Array dynamic_update_slice_on_cuda(const Array& operand, const Array& update,
                                   std::span<const Array> starts);

}  // namespace cne::tensor
