#pragma once

#include <span>
#include <string>
#include <vector>

#include "tensor/fused.h"

namespace cne::tensor {

/// A fused kernel as CUDA C++ for NVRTC. Shapes and strides are constants of the source, so that
/// places are found by multiplications and what does not vary is not computed; another shape is
/// another source.
struct FusedSource {
  /// One call; those of a source are made one after the other. Each takes the address of the first
  /// element of every input of the kernel, of every output, and of the scratch memory.
  struct Launch {
    std::string name;
    int64_t blocks = 1;
    int threads = 1;
  };
  std::string kernels;  // what was generated
  std::vector<Launch> launches;
  int64_t scratch_bytes = 0;

  /// What NVRTC compiles, with `nvrtc_options`: the functions of elements, then the kernels.
  std::string text() const;
};

/// The source of a kernel for arrays that lie as these do; the first launch is called `name`, later
/// ones get a suffix.
///
/// Elements come from the formulas of the CPU (float_math.h and those that include it) without
/// contraction, so they are equal bit for bit, but for lgamma, digamma and functions of complex
/// numbers (CUDA's, within 6 units of the last place). Sums and products of floats are put together
/// by threads: as float64 beyond the `width` places of a thread's step, in an order that depends on
/// shape and strides alone. All others are exact.
FusedSource fused_source(const FusedKernel& kernel, std::span<const Array> arrays,
                         const std::string& name);

/// The functions of elements and of threads that generated kernels call.
const std::string& fused_prelude();
/// What kernels of blocks (core/kernel.h) need behind it on the host as well: fragments of
/// matrices.
const std::string& fragments_prelude();
/// Both, and blocks of a GPU.
const std::string& blocks_prelude();
/// A header of such kernels, with those that it includes and the preludes have not.
std::string kernel_text(const std::string& header);
/// What stands between such functions and kernels.
inline constexpr const char* kUsingTensor = "\nusing namespace cne::tensor;\n\n";

}  // namespace cne::tensor
