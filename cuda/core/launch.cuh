#pragma once

#include <cuda_runtime.h>

#include "../cuda/core/cuda_block.cuh"
#include "../cuda/core/cuda_check.h"
#include "core/device_queue.h"
#include "core/kernel.h"

namespace cne::gpu {

template <typename Kernel>
__global__ void __launch_bounds__(Kernel::kThreads, 1)
    run_kernel(const __grid_constant__ Kernel kernel) {
  extern __shared__ __align__(16) uint8_t shared[];
  CudaBlock block(shared);
  kernel.run(block);
}

/// Runs a kernel on the GPU of `queue`, in its order. A .cu instantiates it for its kernels.
template <typename Kernel>
void run(const DeviceQueue& queue, const Kernel& kernel, Grid grid) {
  constexpr size_t kAlways = 48 * 1024;  // what every kernel may use
  const size_t bytes = kernel.shared_bytes();
  if (bytes > kAlways)
    check(cudaFuncSetAttribute(run_kernel<Kernel>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(bytes)),
          Kernel::kName);
  const dim3 blocks(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y));
  run_kernel<<<blocks, Kernel::kThreads, bytes, static_cast<cudaStream_t>(queue.stream())>>>(
      kernel);
  check(cudaGetLastError(), Kernel::kName);
}

}  // namespace cne::gpu
