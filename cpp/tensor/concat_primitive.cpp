#include "core/error.h"
#include "tensor/concat.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

int axis_of(const Params& params) { return params.as<ConcatParams>().axis; }

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(concat_type(inputs, axis_of(params)));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(concat(inputs, axis_of(params)));
}

Values jvp(const Call& call, ValueSpan tangents) {
  Values changes;
  bool any = false;
  for (size_t i = 0; i < tangents.size(); ++i) {
    any |= static_cast<bool>(tangents[i]);
    changes.push_back(or_zeros(tangents[i], call.inputs[i].type()));
  }
  return one(any ? concat(changes, axis_of(call.params)) : Value());
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const int axis = axis_of(call.params);
  Values out(call.inputs.size());
  int64_t start = 0;
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t count = call.inputs[i].shape()[axis];
    if (wanted[i] != 0) out[i] = slice_axis(cotangents[0], axis, start, 1, count);
    start += count;
  }
  return out;
}

Values batch(const Batch& batch) {
  Values inputs;
  for (size_t i = 0; i < batch.inputs.size(); ++i)
    inputs.push_back(with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size));
  return one(concat(inputs, axis_of(batch.params) + 1));
}

}  // namespace

const Primitive kConcat = {
    "concat", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepNothing; }};

Value concat(ValueSpan values, int64_t axis) {
  if (values.empty()) throw ArgumentError("concat: expected at least one array, got none");
  return apply_one(kConcat, Params(ConcatParams{normalize_axis(axis, values[0].rank(), "concat")}),
                   values);
}

}  // namespace cne::tensor
