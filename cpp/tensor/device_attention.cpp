#include "tensor/device_attention.h"

#include "core/error.h"
#include "tensor/run_kernel.h"

namespace cne::tensor {

void check_attention(Element element, const AttentionInputs& inputs, const char* function) {
  if (element != Element::kFloat32 && element != Element::kFloat16 && element != Element::kBFloat16)
    throw TypeError(
        message(function, ": expected float32, float16 or bfloat16, got ", name_of(element)));
  const auto is_size = [](int64_t size) { return size >= 0; };
  constexpr int kMost = 256;
  const bool fits = is_size(inputs.batch) && is_size(inputs.heads) && is_size(inputs.queries) &&
                    is_size(inputs.keys) && inputs.groups > 0 &&
                    inputs.heads % inputs.groups == 0 && inputs.depth >= 0 &&
                    inputs.depth <= kMost && inputs.width >= 0 && inputs.width <= kMost;
  if (!fits)
    throw ShapeError(message(function, ": expected heads that are a multiple of groups, and ",
                             "columns of at most ", kMost, ", got ", inputs.heads, " and ",
                             inputs.groups, ", ", inputs.depth, " and ", inputs.width));
}

void device_attention(Device device, Element element, const AttentionInputs& inputs,
                      const Heads<void>& out, float* log_sums) {
  check_attention(element, inputs, "attention");
  AttentionInputs of = inputs;
  const size_t bytes = size_of(element);
  of.is_aligned = is_aligned(of.query, of.depth, bytes) && is_aligned(of.key, of.depth, bytes) &&
                  is_aligned(of.value, of.width, bytes);
  with_attention_kernel(element, of, [&](auto type, auto depth) {
    const AttentionForward<decltype(type), depth()> kernel{
        of, out, is_aligned(out, of.width, bytes), log_sums};
    run_kernel(device, "device_attention", kernel, kernel.grid());
  });
}

}  // namespace cne::tensor
