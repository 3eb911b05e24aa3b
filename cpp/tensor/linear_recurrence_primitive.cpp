#include "tensor/linear_recurrence.h"
#include "tensor/pad.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct RecurrenceParams {
  int axis;
  bool reverse;
  auto fields() const { return std::tie(axis, reverse); }
};

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  check_linear_recurrence(inputs[0], inputs[1]);
  return one(inputs[0]);
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<RecurrenceParams>();
  return one(linear_recurrence(inputs[0], inputs[1], of.axis, of.reverse));
}

Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<RecurrenceParams>();
  Value change = tangents[1];
  if (tangents[0]) {
    const Value by_factor = tangents[0] * one_before(call.outputs[0], of.axis, of.reverse, 0);
    change = change ? change + by_factor : by_factor;
  }
  if (!change) return one(Value());
  return one(linear_recurrence(call.inputs[0], change, of.axis, of.reverse));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto& of = call.params.as<RecurrenceParams>();
  const Value factors = conjugate(one_before(call.inputs[0], of.axis, !of.reverse, 0));
  Values out(2);
  out[1] = linear_recurrence(factors, cotangents[0], of.axis, !of.reverse);
  if (wanted[0] != 0)
    out[0] = out[1] * conjugate(one_before(call.outputs[0], of.axis, of.reverse, 0));
  return out;
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<RecurrenceParams>();
  return one(linear_recurrence(with_batch_axis(batch.inputs[0], batch.batched[0] != 0, batch.size),
                               with_batch_axis(batch.inputs[1], batch.batched[1] != 0, batch.size),
                               of.axis + 1, of.reverse));
}

}  // namespace

const Primitive kLinearRecurrence = {"linear_recurrence", infer, run, jvp, vjp, batch};

Value linear_recurrence(const Value& a, const Value& b, int64_t axis, bool reverse) {
  const int along = normalize_axis(axis, a.rank(), "linear_recurrence");
  const Value inputs[] = {a, b};
  return apply_one(kLinearRecurrence, Params(RecurrenceParams{along, reverse}), inputs);
}

Value one_before(const Value& value, int axis, bool reverse, double first) {
  if (value.shape()[axis] == 0) return value;
  Dims low = Dims::filled(value.rank(), 0);
  Dims high = low;
  low[axis] = reverse ? -1 : 1;
  high[axis] = -low[axis];
  return pad(value, number(first, value.element()), low, high, Dims::filled(value.rank(), 0));
}

}  // namespace cne::tensor
