#include <algorithm>

#include "tensor/pad.h"
#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<PadParams>();
  Type out = inputs[0];
  out.shape = padded_shape(out.shape, of.low, of.high, of.interior);
  return one(out);
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<PadParams>();
  return one(pad(inputs[0], inputs[1], of.low, of.high, of.interior));
}

Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0] && !tangents[1]) return one(Value());
  const Value inputs[] = {or_zeros(tangents[0], call.inputs[0].type()),
                          or_zeros(tangents[1], call.inputs[1].type())};
  return apply(kPad, call.params, inputs);
}

/// What is left of the elements after `pad` took its margins: padding that cuts off, then every
/// (interior + 1)-th.
Value unpad(const Value& padded, const PadParams& of, const Dims& shape) {
  Dims low = of.low;
  Dims high = of.high;
  Dims steps = of.interior;
  for (int axis = 0; axis < shape.size(); ++axis) {
    low[axis] = -low[axis];
    high[axis] = -high[axis];
    ++steps[axis];
  }
  const Value zero(number(0, padded.element()));
  const Value spread = pad(padded, zero, low, high, Dims::filled(shape.size(), 0));
  return slice(spread, Dims::filled(shape.size(), 0), steps, shape);
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& cotangent = cotangents[0];
  const Dims all = Dims::range(0, cotangent.rank());
  Values out(2);
  const Value own = unpad(cotangent, call.params.as<PadParams>(), call.inputs[0].shape());
  if (wanted[0] != 0) out[0] = own;
  if (wanted[1] != 0)
    out[1] =
        reduce(ReduceOp::kSum, cotangent, all, false) - reduce(ReduceOp::kSum, own, all, false);
  return out;
}

Values batch(const Batch& batch) {
  PadParams of = batch.params.as<PadParams>();
  for (Dims* each : {&of.low, &of.high, &of.interior}) each->insert(0, 0);
  const Value whole = with_batch_axis(batch.inputs[0], batch.batched[0] != 0, batch.size);
  if (batch.batched[1] == 0) return one(pad(whole, batch.inputs[1], of.low, of.high, of.interior));
  // A value by example: where the padding lies, each has its own.
  const Value zero(number(0, whole.element()));
  const Value inside = pad(whole, zero, of.low, of.high, of.interior);
  const Value is_inside = pad(Value(filled(1, {Element::kBool, whole.shape(), {}})),
                              Value(number(0, Element::kBool)), of.low, of.high, of.interior);
  return one(where(is_inside, inside, with_rank(batch.inputs[1], true, whole.rank() - 1)));
}

}  // namespace

const Primitive kPad = {
    "pad", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepNothing; }};

Value pad(const Value& value, const Value& with, const Dims& low, const Dims& high,
          const Dims& interior) {
  const Value inputs[] = {value, with};
  return apply_one(kPad, Params(PadParams{low, high, interior}), inputs);
}

}  // namespace cne::tensor
