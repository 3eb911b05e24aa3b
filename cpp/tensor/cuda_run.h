#pragma once

#include <span>
#include <vector>

#include "tensor/primitive.h"

namespace cne::tensor {

/// Runs an operation where its inputs lie.
std::vector<Array> run_primitive(const Primitive& primitive, const Params& params,
                                 std::span<const Array> inputs);

/// Runs an operation of which an input lies on a CUDA device. Throws ArgumentError where inputs
/// lie on several devices, UnsupportedError naming it where there is no kernel.
std::vector<Array> run_on_cuda(const Primitive& primitive, const Params& params,
                               std::span<const Array> inputs);

/// One operation as a fused kernel of its own: of single elements, a reduction of the last axes, or
/// of kMatmul the sum over the last axis of products. Kernels are kept by types and places.
std::vector<Array> run_single(const Primitive& primitive, const Params& params,
                              std::span<const Array> inputs);

/// Whether one of the arrays is not on the CPU.
inline bool is_on_device(const Array& a) { return !a.device().is_cpu(); }
inline bool is_on_device(std::span<const Array> arrays) {
  for (const Array& each : arrays)
    if (is_on_device(each)) return true;
  return false;
}

}  // namespace cne::tensor
