#pragma once

#include "tensor/element.h"
#include "tensor/gemm_packed.h"

namespace cne::tensor {

/// The kernel for integers of one type; sums wrap around.
const GemmKernel& integer_kernel(Element element);

/// That for int8 times int8 into int32.
const GemmKernel& portable_int8_kernel();

}  // namespace cne::tensor
