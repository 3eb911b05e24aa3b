#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "core/device.h"
#include "core/device_queue.h"
#include "core/error.h"
#include "core/host_block.h"

// Before a loop whose counter a GPU has to know when it compiles: registers have no addresses.
#ifdef __CUDACC__
#define CNE_UNROLL _Pragma("unroll")
#else
#define CNE_UNROLL
#endif

namespace cne {

/// How many blocks a kernel runs on.
struct Grid {
  int64_t x = 1;
  int64_t y = 1;
};

// A kernel is a struct of arguments with
//
//   static constexpr const char* kName;                for errors
//   static constexpr int kThreads;                     threads of a block
//   size_t shared_bytes() const;                       shared memory of a block
//   template <typename Block> CNE_BODY void run(Block& block) const;
//
// `run` is what one block does, in phases: block.each(f) calls f(thread) for every thread of the
// block and ends with a barrier, so that what a phase reads of shared memory was written in an
// earlier one. What a thread keeps from phase to phase is in shared memory, too, or Private, which
// are registers; what threads of a warp do together takes these (core/host_warps.h). Additions to
// memory that several threads write are block.add; sums of integers do not depend on their order.
// A GPU runs the phases with its threads (cuda/core/launch.cuh), a processor one thread after the
// other (HostBlock): the tests run the same kernels without a GPU. A header with kernels is a twin
// by itself; the .cu of its name instantiates gpu::run for them.

/// Runs a kernel on the CPU, the last block first.
template <typename Kernel>
void emulate(const Kernel& kernel, Grid grid) {
  const size_t bytes = kernel.shared_bytes();
  const auto shared = std::make_unique<uint64_t[]>(bytes / sizeof(uint64_t) + 1);
  for (int64_t y = grid.y; y-- > 0;)
    for (int64_t x = grid.x; x-- > 0;) {
      std::memset(shared.get(), 0xa5, bytes);
      HostBlock block(x, y, Kernel::kThreads, reinterpret_cast<uint8_t*>(shared.get()));
      kernel.run(block);
    }
}

/// The GPU half: in cuda/core/launch.cuh.
namespace gpu {
template <typename Kernel>
void run(const DeviceQueue& queue, const Kernel& kernel, Grid grid);
}

/// Runs a kernel where `queue` works.
template <typename Kernel>
void run(const DeviceQueue& queue, const Kernel& kernel, Grid grid) {
  if (grid.x == 0 || grid.y == 0) return;
  if (queue.device().is_cpu())
    emulate(kernel, grid);
  else if constexpr (kWithCuda)
    gpu::run(queue, kernel, grid);
  else
    throw_no_cuda(Kernel::kName);
}

}  // namespace cne
