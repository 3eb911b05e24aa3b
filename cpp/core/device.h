#pragma once

#include <cstdint>

// Arithmetic that both the CPU and the GPU do (CNE_HD), and what one block of a GPU does, which
// tests run on the CPU (CNE_BODY; see core/kernel.h).
#ifdef __CUDACC__
#define CNE_HD __host__ __device__
#define CNE_BODY __device__
#else
#define CNE_HD
#define CNE_BODY
#endif

namespace cne {

/// Where bytes live. A value.
struct Device {
  enum class Kind : uint8_t { kCpu, kCuda };
  Kind kind = Kind::kCpu;
  int32_t index = 0;

  bool is_cpu() const { return kind == Kind::kCpu; }
  bool operator==(const Device&) const = default;
};

#ifdef CNE_WITH_CUDA
inline constexpr bool kWithCuda = true;
#else
inline constexpr bool kWithCuda = false;
#endif

/// CUDA devices that this process can use; 0 without a driver. Only in builds with CUDA.
namespace gpu {
int device_count();
}

}  // namespace cne
