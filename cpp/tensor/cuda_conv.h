#pragma once

#include "tensor/conv.h"

namespace cne::tensor {

/// conv and its derivative by the weight on a CUDA device, of inputs that fit: windows are copied
/// side by side, which takes the memory of the input times the places of a window, and multiplied
/// as matrices. (That by the input is a convolution of the gradient by the mirrored weight.)
Array conv_on_cuda(const Array& input, const Array& weight, const ConvParams& params);
Array conv_weight_gradient_on_cuda(const Array& input, const Array& gradient,
                                   const Dims& weight_shape, const ConvParams& params);

}  // namespace cne::tensor
