#pragma once

#include "tensor/element.h"
#include "tensor/gemm_packed.h"

namespace cne::tensor {

/// The kernel for floats of a type, with fused multiplications: into float64 of float64, else into
/// float32. Null where this processor has none of ours; BLAS multiplies then.
const GemmKernel* float_kernel(Element element);

}  // namespace cne::tensor
