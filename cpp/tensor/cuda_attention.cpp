#include "tensor/cuda_attention.h"

#include "tensor/attention_block.h"
#include "tensor/device_attention_gradient.h"
#include "tensor/elementwise.h"
#include "tensor/indexing.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// On the device, with elements of a row side by side.
Array heads_of(const Array& array, Device device) {
  const Array own = to_device(array, device);
  return own.strides()[3] == 1 || own.shape()[3] == 1 ? own : contiguous(own);
}

template <typename Bytes>
Heads<Bytes> view(const Array& array) {
  const Dims& strides = array.strides();
  return {const_cast<uint8_t*>(array.address()), strides[0], strides[1], strides[2]};
}

/// The arrays of a call; what it points to lives as long.
struct OnDevice {
  Device device;
  std::vector<Array> held;
  AttentionInputs of{};

  OnDevice(std::span<const Array> inputs, bool has_mask, const AttentionParams& params)
      : device(common_device("attention", inputs)) {
    for (size_t i = 0; i < 3; ++i) held.push_back(heads_of(inputs[i], device));
    const Dims& q = held[0].shape();
    const Dims& k = held[1].shape();
    of = {q[0],
          q[1],
          k[1],
          static_cast<int>(q[2]),
          static_cast<int>(k[2]),
          static_cast<int>(q[3]),
          static_cast<int>(held[2].shape()[3]),
          static_cast<float>(params.scale),
          params.is_causal,
          false,
          view<const void>(held[0]),
          view<const void>(held[1]),
          view<const void>(held[2]),
          {}};
    if (!has_mask) return;
    held.push_back(broadcast_to(to_device(inputs[3], device), {q[0], q[1], q[2], k[2]}));
    const Dims& strides = held[3].strides();
    of.mask = {held[3].address(), strides[0], strides[1], strides[2], strides[3]};
  }
};

}  // namespace

bool has_attention_kernel(std::span<const Array> inputs) {
  constexpr int64_t kMost = 256;
  return inputs[0].element() == Element::kFloat32 && inputs[0].shape()[3] <= kMost &&
         inputs[2].shape()[3] <= kMost;
}

std::vector<Array> attention_on_cuda(std::span<const Array> inputs, const AttentionParams& params) {
  const OnDevice call(inputs, inputs.size() == 4, params);
  std::vector<Type> types = attention_types(types_of(inputs));
  for (Type& each : types) each.device = call.device;
  const Array out = by_rows(types[0], Array::empty);
  const Array log_sums = Array::empty(types[1]);
  if (out.size() + log_sums.size() > 0)
    device_attention(call.device, Element::kFloat32, call.of, view<void>(out),
                     reinterpret_cast<float*>(const_cast<uint8_t*>(log_sums.address())));
  return {out, log_sums};
}

std::vector<Array> attention_gradient_on_cuda(std::span<const Array> inputs,
                                              const AttentionParams& params) {
  const size_t given = inputs.size() - 3;
  const OnDevice call(inputs, given == 4, params);
  const Array out = heads_of(inputs[given], call.device);
  const Array log_sums = contiguous(to_device(inputs[given + 1], call.device));
  const Array cotangent = heads_of(inputs[given + 2], call.device);
  const Array shares = Array::empty(log_sums.type());
  std::vector<Array> slopes;
  for (size_t i = 0; i < 3; ++i) slopes.push_back(Array::empty(call.held[i].type()));
  const AttentionGradientInputs with{
      call.of, view<const void>(out), view<const void>(cotangent),
      reinterpret_cast<const float*>(log_sums.address()),
      reinterpret_cast<float*>(const_cast<uint8_t*>(shares.address()))};
  device_attention_gradient(call.device, Element::kFloat32, with, view<void>(slopes[0]),
                            view<void>(slopes[1]), view<void>(slopes[2]));
  return slopes;
}

}  // namespace cne::tensor
