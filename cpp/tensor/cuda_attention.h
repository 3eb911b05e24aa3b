#pragma once

#include <span>
#include <vector>

#include "tensor/attention.h"

namespace cne::tensor {

/// Whether the kernels of device_attention take inputs of attention: float32, heads of at most 256.
bool has_attention_kernel(std::span<const Array> inputs);

/// attention and attention_gradient on a CUDA device, of inputs that fit and have a kernel: float32
/// are multiplied in two parts, with an error of some 2^-21.
std::vector<Array> attention_on_cuda(std::span<const Array> inputs, const AttentionParams& params);
std::vector<Array> attention_gradient_on_cuda(std::span<const Array> inputs,
                                              const AttentionParams& params);

}  // namespace cne::tensor
