#pragma once

#include <string>
#include <vector>

namespace cne::tensor {

// NVIDIA's compiler of CUDA C++ at run time, which needs no GPU. It is opened at its first use:
// from the folders that were told (those of the nvidia-cuda-nvrtc wheel), else where the system
// finds it. Source: https://docs.nvidia.com/cuda/nvrtc.

/// Folders to look into first; empty strings are passed over. Of the whole process.
void set_nvrtc_folders(const std::vector<std::string>& folders);

/// "13.0", or empty where there is none.
std::string nvrtc_version();

/// The options of every compilation but the architecture: no contraction, no fast math, every
/// function one of the device.
const std::vector<std::string>& nvrtc_options();

/// Machine code (a cubin) for an architecture as "sm_90". Throws UnsupportedError where there is no
/// NVRTC, ArgumentError with the compiler's log when the source does not compile. Any thread may
/// call it.
std::string nvrtc_compile(const std::string& source, const std::string& architecture);

/// As nvrtc_compile, from the disk where it was compiled before: a file for each source, options,
/// architecture and version of NVRTC, written whole or not at all. They lie in `folder`, or where
/// that is empty in $CNENGINE_CACHE, $XDG_CACHE_HOME/cnengine or ~/.cache/cnengine; a folder that
/// others may write to is not read, and one that cannot be written is passed over.
std::string nvrtc_compile_cached(const std::string& source, const std::string& architecture,
                                 const std::string& folder);

}  // namespace cne::tensor
