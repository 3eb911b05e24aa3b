#include "tensor/device_top_k.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/run_kernel.h"

namespace cne::tensor {

void device_top_k(Device device, Element element, const void* rows, int64_t count, int64_t length,
                  int64_t k, bool largest, void* values, int64_t* places) {
  constexpr int64_t kMostPlaces = (int64_t{1} << 32) - 1;
  const int64_t most = std::min<int64_t>(length, TopKRows<float>::kMost);
  if (count < 0 || length < 0 || length > kMostPlaces || k < 0 || k > most)
    throw ArgumentError(message("top_k: expected a number from 0 to ", most, ", got ", k));
  const auto run = [&](auto stored) {
    using T = decltype(stored);
    const TopKRows<T> kernel{
        static_cast<const T*>(rows), count, length, static_cast<int>(k), largest,
        static_cast<T*>(values),     places};
    run_kernel(device, "device_top_k", kernel, kernel.grid());
  };
  switch (element) {
    case Element::kFloat16:
      return run(Half{});
    case Element::kBFloat16:
      return run(BFloat16{});
    case Element::kFloat32:
      return run(float{});
    case Element::kFloat64:
      return run(double{});
    case Element::kInt32:
      return run(int32_t{});
    case Element::kInt64:
      return run(int64_t{});
    default:
      throw TypeError(
          message("top_k: expected floats, int32 or int64 on a device, got ", name_of(element)));
  }
}

}  // namespace cne::tensor
