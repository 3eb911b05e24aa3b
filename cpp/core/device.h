#pragma once

#include <cstdint>

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
