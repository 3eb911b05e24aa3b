#pragma once

#include "tensor/unique.h"

namespace cne::tensor {

/// unique of an array on a CUDA device: elements are sorted, the first of equal ones are counted by
/// a running sum, and each writes to the place of its number. How many there are comes to the CPU,
/// 8 bytes; kernels depend on the number of elements alone.
Unique unique_on_cuda(const Array& array);

}  // namespace cne::tensor
