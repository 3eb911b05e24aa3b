#include "tensor/device_sampling.h"

#include "core/error.h"
#include "tensor/device_element.h"

namespace cne::tensor {

void device_sample(const DeviceQueue& queue, Element element, const void* scores,
                   const int64_t* places, int64_t rows, int64_t k, const SamplingOptions& options,
                   Words key, int64_t* out) {
  constexpr int kMost = SampleRows<float>::kMost;
  if (k < 1 || k > kMost)
    throw ArgumentError(message("sample: expected 1 to ", kMost, " scores, got ", k));
  if (!(options.temperature >= 0) || !(options.top_p >= 0 && options.top_p <= 1))
    throw ArgumentError(message("sample: expected a temperature of at least 0 and a top_p of 0 to ",
                                "1, got ", options.temperature, " and ", options.top_p));
  with_device_float(element, "sample", [&](auto type) {
    using T = decltype(type);
    const SampleRows<T> kernel{
        static_cast<const T*>(scores), places, rows, static_cast<int>(k), options, key, out};
    cne::run(queue, kernel, kernel.grid());
  });
}

}  // namespace cne::tensor
