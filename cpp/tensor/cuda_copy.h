#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// Copies elements on the device where both lie: from[i] to the place of i from `to` on, by
/// strides in elements. See copy_strided.
void copy_strided_on_cuda(const Array& from, uint8_t* to, const Dims& to_strides);

}  // namespace cne::tensor
