#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

struct TransferParams {
  int kind;
  int index;
  auto fields() const { return std::tie(kind, index); }
};

Params params_of(Device device) {
  return Params(TransferParams{static_cast<int>(device.kind), device.index});
}
Device device_of(const Params& params) {
  const auto& of = params.as<TransferParams>();
  return {static_cast<Device::Kind>(of.kind), of.index};
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(Type{inputs[0].element, inputs[0].shape, device_of(params)});
}
std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(to_device(inputs[0], device_of(params)));
}
Values jvp(const Call& call, ValueSpan tangents) {
  return one(tangents[0] ? to_device(tangents[0], device_of(call.params)) : Value());
}
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  return one(to_device(cotangents[0], call.inputs[0].type().device));
}
Values batch(const Batch& batch) {
  return one(to_device(batch.inputs[0], device_of(batch.params)));
}

}  // namespace

const Primitive kToDevice = {
    "to_device", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepNothing; }};

Value to_device(const Value& value, Device device) {
  if (value.type().device == device) return value;
  const Value inputs[] = {value};
  return apply_one(kToDevice, params_of(device), inputs);
}

}  // namespace cne::tensor
