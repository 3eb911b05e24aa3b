#pragma once

#include "tensor/gemm_packed.h"

namespace cne::tensor {

/// The kernel for int8 times int8 into int32 with products of bytes (AVX-512 VNNI), or one that
/// needs nothing of the processor. Sums wrap around, so both give the same.
const GemmKernel& int8_kernel();
const GemmKernel& portable_int8_kernel();

}  // namespace cne::tensor
