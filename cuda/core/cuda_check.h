#pragma once

#include <cuda_runtime_api.h>

namespace cne::gpu {

/// Throws DeviceError with CUDA's own text when `status` is not success; `what` names the call.
void check(cudaError_t status, const char* what);

/// CUDA devices that this process can use; 0 without a driver.
int device_count();

}  // namespace cne::gpu
