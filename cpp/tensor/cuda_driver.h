#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cne::tensor {

/// Functions of CUDA's driver, opened at run time (libcuda.so.1): neither headers nor a compiler of
/// CUDA are needed to build, nor a driver to import. Handles are pointers, addresses of a device
/// whole numbers; names, arguments and numbers as <cuda.h> declares them.
/// Source: https://docs.nvidia.com/cuda/cuda-driver-api.
struct CudaDriver {
  int (*init)(unsigned) = nullptr;
  int (*error_name)(int, const char**) = nullptr;
  int (*device_count)(int*) = nullptr;
  int (*device_get)(int*, int) = nullptr;
  int (*device_attribute)(int*, int, int) = nullptr;
  int (*retain_context)(void**, int) = nullptr;
  int (*push_context)(void*) = nullptr;
  int (*pop_context)(void**) = nullptr;
  int (*stream_create)(void**, unsigned) = nullptr;
  int (*stream_destroy)(void*) = nullptr;
  int (*stream_synchronize)(void*) = nullptr;
  int (*stream_wait)(void*, void*, unsigned) = nullptr;
  int (*event_create)(void**, unsigned) = nullptr;
  int (*event_record)(void*, void*) = nullptr;
  int (*event_destroy)(void*) = nullptr;
  int (*allocate)(uint64_t*, size_t, void*) = nullptr;
  int (*free)(uint64_t, void*) = nullptr;
  int (*allocate_host)(void**, size_t, unsigned) = nullptr;
  int (*default_pool)(void**, int) = nullptr;
  int (*set_pool)(void*, int, void*) = nullptr;
  int (*upload)(uint64_t, const void*, size_t, void*) = nullptr;
  int (*download)(void*, uint64_t, size_t, void*) = nullptr;
  int (*copy)(uint64_t, uint64_t, size_t, void*) = nullptr;
  int (*load_module)(void**, const void*) = nullptr;
  int (*get_function)(void**, void*, const char*) = nullptr;
  int (*set_function)(void*, int, int) = nullptr;
  int (*launch)(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*,
                void**, void**) = nullptr;

  // Graphs, which drivers before CUDA 11.4 have not all of.
  int (*begin_capture)(void*, int) = nullptr;
  int (*end_capture)(void*, void**) = nullptr;
  int (*instantiate)(void**, void*, unsigned long long) = nullptr;
  int (*launch_graph)(void*, void*) = nullptr;
  int (*destroy_graph)(void*) = nullptr;
  int (*destroy_ready)(void*) = nullptr;
  bool has_graphs = false;

  std::string missing;  // why there is none; empty: it is there

  /// Throws DeviceError, which names what was done, unless `status` is success.
  void check(int status, const char* what) const;
};

/// The driver, looked for and initialised at the first call; `missing` says where there is none.
const CudaDriver& cuda_driver();

/// For tests: another library in place of the driver, or an empty path for the driver itself.
/// Devices are looked for anew; arrays on those before stay valid.
void set_cuda_driver(const std::string& path);
/// Counts the calls of set_cuda_driver.
int cuda_driver_generation();

/// Devices that this process can use; 0 without a driver.
int cuda_device_count();

}  // namespace cne::tensor
