#pragma once

#include <cuda_runtime_api.h>

#include "core/device.h"

namespace cne::gpu {

/// Throws DeviceError with CUDA's own text when `status` is not success; `what` names the call.
void check(cudaError_t status, const char* what);

}  // namespace cne::gpu
