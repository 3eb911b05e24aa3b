#include "tensor/device_norm.h"

namespace cne::tensor {

void device_norm(const DeviceQueue& queue, Element element, const NormInputs& inputs,
                 const void* bias, float eps, void* out, float* means, float* scales) {
  with_rows(element, inputs.columns, "norm", [&](auto type, auto lanes) {
    using T = decltype(type);
    const bool aligned = is_row_aligned(static_cast<const T*>(inputs.x), inputs.columns) &&
                         is_row_aligned(static_cast<const T*>(out), inputs.columns);
    const NormRows<T, lanes()> kernel{
        inputs, static_cast<const T*>(bias), eps, aligned, static_cast<T*>(out), means, scales};
    cne::run(queue, kernel, kernel.grid());
  });
}

void device_norm_gradient(const DeviceQueue& queue, Element element, const NormInputs& inputs,
                          const void* cotangent, const float* means, const float* scales,
                          void* by_x, void* by_weight, void* by_bias) {
  with_rows(element, inputs.columns, "norm", [&](auto type, auto lanes) {
    using T = decltype(type);
    const auto* const given = static_cast<const T*>(cotangent);
    const bool aligned = is_row_aligned(given, inputs.columns) &&
                         is_row_aligned(static_cast<const T*>(by_x), inputs.columns);
    const NormGradient<T, lanes()> rows{inputs, aligned, given,
                                        means,  scales,  static_cast<T*>(by_x)};
    cne::run(queue, rows, rows.grid());
    if (by_weight == nullptr) return;
    NormColumnParts<T> parts{inputs, given, means, scales, nullptr};
    DeviceArray<RowSums> room(queue, parts.chunks() * inputs.columns);
    parts.parts = room.data();
    cne::run(queue, parts, parts.grid());
    const NormColumnSums<T> sums{room.data(), parts.chunks(), inputs.columns,
                                 static_cast<T*>(by_weight), static_cast<T*>(by_bias)};
    cne::run(queue, sums, sums.grid());
  });
}

}  // namespace cne::tensor
