#include "tensor/gather.h"
#include "tensor/scatter.h"
#include "tensor/top_k.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct TopKParams {
  int64_t k;
  int axis;
  bool largest;
  auto fields() const { return std::tie(k, axis, largest); }
};

IndexAxes axes_of(const Call& call) {
  return along_axes(call.inputs[0].rank(), call.params.as<TopKParams>().axis);
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<TopKParams>();
  return top_k_types(inputs[0], of.k, of.axis);
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<TopKParams>();
  const TopK out = top_k(inputs[0], of.k, of.axis, of.largest);
  return {out.values, out.indices};
}

Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0]) return Values(2);
  return {gather(tangents[0], call.outputs.subspan(1), axes_of(call)), Value()};
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  if (!cotangents[0]) return one(Value());
  return one(scatter(ScatterOp::kSet, filled(0, call.inputs[0].type()), call.outputs.subspan(1),
                     cotangents[0], axes_of(call), IndexMode::kChecked, true));
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<TopKParams>();
  return top_k(batch.inputs[0], of.k, of.axis + 1, of.largest);
}

}  // namespace

const Primitive kTopK = {
    "top_k", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Values top_k(const Value& value, int64_t k, int64_t axis, bool largest) {
  const int along = normalize_axis(axis, value.rank(), "top_k");
  return apply(kTopK, Params(TopKParams{k, along, largest}), std::span(&value, 1));
}

}  // namespace cne::tensor
