#pragma once

#include "tensor/element.h"
#include "tensor/gemm_packed.h"

namespace cne::tensor {

/// The kernel for floats of a type, with fused multiplications: into float64 of float64, else into
/// float32. Null where this processor has none of ours; BLAS multiplies then.
const GemmKernel* float_kernel(Element element);

/// That for an a of float32 and a b of float16, bfloat16 or int8, into float32.
const GemmKernel* narrow_kernel(Element element);

}  // namespace cne::tensor
