#pragma once

#include "tensor/array.h"

namespace cne::tensor {

// Products of arrays of which one lies on a CUDA device, all on the same: see matmul.h. By cuBLASLt
// where it is there and has the type, which reads rows and columns without gaps as they lie, and
// batches by their strides; else as a fused kernel.

Array matmul_on_cuda(const Array& a, const Array& b);
Array matmul_bias_on_cuda(const Array& a, const Array& b, const Array& bias);
Array matmul_int8_on_cuda(const Array& a, const Array& b);

}  // namespace cne::tensor
