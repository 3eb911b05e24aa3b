#pragma once

#include <cstdint>

#include "../cuda/core/cuda_warps.cuh"

namespace cne::gpu {

/// A block on the GPU: what HostBlock is on the CPU.
class CudaBlock : public CudaWarps {
 public:
  __device__ explicit CudaBlock(uint8_t* shared) : shared_(shared) {}

  __device__ int64_t x() const { return blockIdx.x; }
  __device__ int64_t y() const { return blockIdx.y; }
  __device__ int threads() const { return static_cast<int>(blockDim.x); }
  template <typename T>
  __device__ T* shared() const {
    return reinterpret_cast<T*>(shared_);
  }
  template <typename F>
  __device__ void each(const F& f) const {
    f(static_cast<int>(threadIdx.x));
    __syncthreads();
  }
  template <typename F>
  __device__ void lanes(const F& f) const {
    f(static_cast<int>(threadIdx.x));
  }
  __device__ static uint32_t add(uint32_t* at, uint32_t value) { return atomicAdd(at, value); }
  __device__ static int64_t add(int64_t* at, int64_t value) {
    return static_cast<int64_t>(atomicAdd(reinterpret_cast<unsigned long long*>(at),
                                          static_cast<unsigned long long>(value)));
  }
  __device__ static void raise(uint64_t* at, uint64_t value) {
    atomicMax(reinterpret_cast<unsigned long long*>(at), static_cast<unsigned long long>(value));
  }

 private:
  uint8_t* shared_;
};

}  // namespace cne::gpu
