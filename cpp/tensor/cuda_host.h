#pragma once

#include <span>
#include <vector>

#include "tensor/primitive.h"
#include "tensor/transfer.h"

namespace cne::tensor {

/// Whether an operation of arrays on a CUDA device is computed on the CPU: Fourier transforms,
/// factors of matrices and solutions.
bool is_by_host(const Primitive& primitive);

/// Copies the inputs to the CPU, runs the operation there and copies the results back. It waits for
/// the device, so it is never a part of a graph: a recording ends here (NotRecorded). Errors of the
/// elements (a singular matrix) are thrown at once.
std::vector<Array> run_by_host(const Primitive& primitive, const Params& params,
                               std::span<const Array> inputs, Device device);

/// The same for a function of one array, wherever that is, with one result.
template <typename F>
Array by_host(const Array& array, const F& f) {
  return to_device(f(to_device(array, {})), array.device());
}

}  // namespace cne::tensor
