#include "tensor/device_cross_entropy.h"

#include "tensor/run_kernel.h"

namespace cne::tensor {

namespace {

void check(const CrossEntropyInputs& inputs) {
  if (!(inputs.smoothing >= 0 && inputs.smoothing <= 1))
    throw ArgumentError(
        message("softmax_cross_entropy: expected a smoothing of 0 to 1, got ", inputs.smoothing));
}

}  // namespace

void device_cross_entropy(Device device, Element element, const CrossEntropyInputs& inputs,
                          void* losses, float* log_sums) {
  check(inputs);
  with_rows(element, inputs.classes, "softmax_cross_entropy", [&](auto type, auto lanes) {
    using T = decltype(type);
    const bool aligned = is_row_aligned(static_cast<const T*>(inputs.logits), inputs.classes);
    const CrossEntropyRows<T, lanes()> kernel{inputs, aligned, static_cast<T*>(losses), log_sums};
    run_kernel(device, "device_cross_entropy", kernel, kernel.grid());
  });
}

void device_cross_entropy_gradient(Device device, Element element, const CrossEntropyInputs& inputs,
                                   const float* log_sums, const void* by_losses,
                                   const float* by_log_sums, void* slopes) {
  check(inputs);
  with_rows(element, inputs.classes, "softmax_cross_entropy", [&](auto type, auto lanes) {
    using T = decltype(type);
    const bool aligned = is_row_aligned(static_cast<const T*>(inputs.logits), inputs.classes) &&
                         is_row_aligned(static_cast<const T*>(slopes), inputs.classes);
    const CrossEntropyGradient<T, lanes()> kernel{inputs,      aligned,
                                                  log_sums,    static_cast<const T*>(by_losses),
                                                  by_log_sums, static_cast<T*>(slopes)};
    run_kernel(device, "device_cross_entropy", kernel, kernel.grid());
  });
}

}  // namespace cne::tensor
