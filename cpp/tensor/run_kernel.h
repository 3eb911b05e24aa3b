#pragma once

#include <string>
#include <string_view>

#include "core/kernel.h"

namespace cne::tensor {

/// Launches a kernel of blocks on a CUDA device: of tensor/`header`, of the C++ type `type`, as
/// NVRTC makes it of its text. `kernel` is its bytes. Sizes are members, so it is compiled once.
void launch_kernel(Device device, const char* header, std::string_view type, const void* kernel,
                   Grid grid, int threads, size_t shared_bytes);

/// That text, behind blocks_prelude.
std::string block_kernel_text(const char* header, std::string_view type, int threads);

/// Its name in C++, as the compiler spells it.
template <typename T>
std::string_view name_of_type() {
  std::string_view out = __PRETTY_FUNCTION__;  // "... [with T = name; std::string_view = ...]"
  out.remove_prefix(out.find("T = ") + 4);
  const size_t end = out.find(';');
  return out.substr(0, end == std::string_view::npos ? out.rfind(']') : end);
}

/// Runs a kernel of blocks (core/kernel.h), which tensor/`header` has, where its memory is: on the
/// CPU (emulate), or on a CUDA device, in the order of its stream.
template <typename Kernel>
void run_kernel(Device device, const char* header, const Kernel& kernel, Grid grid) {
  if (grid.x == 0 || grid.y == 0) return;
  if (device.is_cpu())
    emulate(kernel, grid);
  else
    launch_kernel(device, header, name_of_type<Kernel>(), &kernel, grid, Kernel::kThreads,
                  kernel.shared_bytes());
}

}  // namespace cne::tensor
