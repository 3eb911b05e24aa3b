#include "tensor/device_attention_key_gradient.h"

#include "tensor/run_kernel.h"

namespace cne::tensor {

void device_attention_key_gradient(Device device, Element element,
                                   const AttentionGradientInputs& inputs, const Heads<void>& key,
                                   const Heads<void>& value) {
  const AttentionInputs& of = inputs.of;
  const size_t bytes = size_of(element);
  const bool aligned = is_aligned(key, of.depth, bytes) && is_aligned(value, of.width, bytes);
  const auto run = [&](auto kernel) {
    kernel.with = inputs;
    kernel.keys = key;
    kernel.values = value;
    kernel.is_slope_aligned = aligned;
    run_kernel(device, "device_attention_key_gradient", kernel, kernel.grid());
  };
  with_attention_kernel(element, of, [&](auto type, auto depth) {
    using T = decltype(type);
    if constexpr (depth() <= 128) {
      run(AttentionKeyGradient<T, depth(), true, true>{});
    } else {
      run(AttentionKeyGradient<T, depth(), true, false>{});
      run(AttentionKeyGradient<T, depth(), false, true>{});
    }
  });
}

}  // namespace cne::tensor
