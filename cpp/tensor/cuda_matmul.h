#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// matmul of arrays of which one lies on a CUDA device, all on the same: see matmul.h.
Array matmul_on_cuda(const Array& a, const Array& b);

}  // namespace cne::tensor
