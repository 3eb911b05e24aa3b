#include "../cuda/core/cuda_check.h"

#include "core/error.h"

namespace cne::gpu {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw DeviceError(message(what, ": ", cudaGetErrorString(status)));
}

int device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return 0;
  }
  return count;
}

}  // namespace cne::gpu
