#include "tensor/run_kernel.h"

#include "core/error.h"
#include "tensor/cuda_kernel.h"
#include "tensor/fused_source.h"

namespace cne::tensor {

void launch_kernel(Device device, const char* header, std::string_view type, const void* kernel,
                   Grid grid, int threads, size_t shared_bytes) {
  const std::string name = message("run_", header);
  int64_t across = grid.x;
  void* arguments[] = {const_cast<void*>(kernel), &across};
  const auto source = [&] {
    return blocks_prelude() + kUsingTensor + block_kernel_text(header, type, threads);
  };
  launch_text(device, message(header, " ", type), source,
              {name, grid.x * grid.y, threads, shared_bytes}, arguments);
}

std::string block_kernel_text(const char* header, std::string_view type, int threads) {
  return message(kernel_text(message("tensor/", header, ".h")),
                 "\nextern \"C\" __global__ void __launch_bounds__(", threads, ") run_", header,
                 "(const __grid_constant__ ", type,
                 " kernel, int64_t across) {\n  cne::gpu::run_block(kernel, across);\n}\n");
}

}  // namespace cne::tensor
