#include "tensor/gather.h"
#include "tensor/scatter.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct GatherParams {
  IndexAxes axes;
  IndexMode mode;
  auto fields() const { return std::tie(axes.indexed, axes.operand, axes.indices, mode); }
};

// The inputs are the operand and the arrays of indices.

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(gather_type(inputs[0], inputs.subspan(1), params.as<GatherParams>().axes));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<GatherParams>();
  return one(gather(inputs[0], inputs.subspan(1), of.axes, of.mode));
}

Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<GatherParams>();
  if (!tangents[0]) return one(Value());
  return one(gather(tangents[0], call.inputs.subspan(1), of.axes, of.mode));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto& of = call.params.as<GatherParams>();
  Values out(call.inputs.size());
  if (wanted[0] != 0)
    out[0] = scatter(ScatterOp::kAdd, filled(0, call.inputs[0].type()), call.inputs.subspan(1),
                     cotangents[0], of.axes, of.mode);
  return out;
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<GatherParams>();
  bool by_index = false;
  for (const uint8_t each : batch.batched.subspan(1)) by_index |= each != 0;
  Values indices;
  for (size_t i = 1; i < batch.inputs.size(); ++i)
    indices.push_back(by_index ? with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size)
                               : batch.inputs[i]);
  return one(gather(batch.inputs[0], indices, with_batch(of.axes, batch.batched[0] != 0, by_index),
                    of.mode));
}

}  // namespace

const Primitive kGather = {
    "gather", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepInputs; }};

Value gather(const Value& operand, ValueSpan indices, const IndexAxes& axes, IndexMode mode) {
  Values inputs{operand};
  inputs.insert(inputs.end(), indices.begin(), indices.end());
  return apply_one(kGather, Params(GatherParams{axes, mode}), inputs);
}

}  // namespace cne::tensor
