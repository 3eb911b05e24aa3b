#include "tensor/device_attention_gradient.h"

#include "tensor/device_attention_key_gradient.h"
#include "tensor/run_kernel.h"

namespace cne::tensor {

void device_attention_gradient(Device device, Element element,
                               const AttentionGradientInputs& inputs, const Heads<void>& query,
                               const Heads<void>& key, const Heads<void>& value) {
  check_attention(element, inputs.of, "attention: derivative");
  AttentionGradientInputs with = inputs;
  AttentionInputs& of = with.of;
  const size_t bytes = size_of(element);
  of.is_aligned = is_aligned(of.query, of.depth, bytes) && is_aligned(of.key, of.depth, bytes) &&
                  is_aligned(of.value, of.width, bytes) &&
                  is_aligned(with.cotangent, of.width, bytes);
  with_attention_kernel(element, of, [&](auto type, auto depth) {
    const AttentionShares<decltype(type)> shares{with};
    run_kernel(device, "device_attention_gradient", shares, shares.grid());
    AttentionQueryGradient<decltype(type), depth()> kernel;
    kernel.with = with;
    kernel.slopes = query;
    kernel.is_slope_aligned = is_aligned(query, of.depth, bytes);
    run_kernel(device, "device_attention_gradient", kernel, kernel.grid());
  });
  device_attention_key_gradient(device, element, with, key, value);
}

}  // namespace cne::tensor
