#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return one(where_type(inputs[0], inputs[1], inputs[2]));
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  return one(where(inputs[0], inputs[1], inputs[2]));
}

Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[1] && !tangents[2]) return one(Value());
  return one(broadcast_to(where(call.inputs[0], or_zeros(tangents[1], call.inputs[1].type()),
                                or_zeros(tangents[2], call.inputs[2].type())),
                          call.outputs[0].shape()));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& condition = call.inputs[0];
  const Value& cotangent = cotangents[0];
  const Value zero(number(0, cotangent.element()));
  Values out(3);
  if (wanted[1] != 0) out[1] = sum_to(where(condition, cotangent, zero), call.inputs[1].shape());
  if (wanted[2] != 0) out[2] = sum_to(where(condition, zero, cotangent), call.inputs[2].shape());
  return out;
}

Values batch(const Batch& batch) {
  int rank = 0;
  for (size_t i = 0; i < 3; ++i) rank = std::max(rank, batch.inputs[i].rank() - batch.batched[i]);
  Values inputs;
  for (size_t i = 0; i < 3; ++i)
    inputs.push_back(with_rank(batch.inputs[i], batch.batched[i] != 0, rank));
  return one(where(inputs[0], inputs[1], inputs[2]));
}

}  // namespace

const Primitive kSelect = {
    "where", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }};

Value where(const Value& condition, const Value& a, const Value& b) {
  const Value inputs[] = {condition, a, b};
  return apply_one(kSelect, Params(), inputs);
}

}  // namespace cne::tensor
