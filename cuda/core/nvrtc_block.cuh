#pragma once

#include "../cuda/core/cuda_block.cuh"

namespace cne::gpu {

/// A block of a grid of two sides, whose blocks are counted row by row.
class PlacedBlock : public CudaBlock {
 public:
  PlacedBlock(uint8_t* shared, int64_t across)
      : CudaBlock(shared), x_(blockIdx.x % across), y_(blockIdx.x / across) {}
  int64_t x() const { return x_; }
  int64_t y() const { return y_; }

 private:
  int64_t x_;
  int64_t y_;
};

/// What a block of run_kernel does (cuda/core/launch.cuh), for NVRTC.
template <typename Kernel>
inline void run_block(const Kernel& kernel, int64_t across) {
  extern __shared__ __align__(16) uint8_t shared[];
  PlacedBlock block(shared, across);
  kernel.run(block);
}

}  // namespace cne::gpu
