#include "tensor/gather.h"
#include "tensor/iota.h"
#include "tensor/scatter.h"
#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct ScatterParams {
  ScatterOp op;
  IndexAxes axes;
  IndexMode mode;
  bool unique;
  auto fields() const {
    return std::tie(op, axes.indexed, axes.operand, axes.indices, mode, unique);
  }
};

// The inputs are the operand, the updates and the arrays of indices.

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<ScatterParams>();
  return one(scatter_type(of.op, inputs[0], inputs.subspan(2), inputs[1], of.axes));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<ScatterParams>();
  return one(scatter(of.op, inputs[0], inputs.subspan(2), inputs[1], of.axes, of.mode, of.unique));
}

/// The same places with other numbers.
struct Places {
  const ScatterParams& of;
  ValueSpan indices;

  Value put(ScatterOp op, const Value& operand, const Value& updates) const {
    return scatter(op, operand, indices, updates, of.axes, of.mode, of.unique);
  }
  Value at(const Value& value) const { return gather(value, indices, of.axes, of.mode); }
};

Places places_of(const Call& call) {
  return {call.params.as<ScatterParams>(), call.inputs.subspan(2)};
}

/// How much a result changes by, per change of the operand and of each update.
struct Weights {
  Value operand;
  Value updates;
};

/// The products of all others: exact also where one of them is 0.
Weights weights_of_product(const Places& places, const Value& operand, const Value& updates) {
  const Value zero(number(0, updates.element()));
  const Value one(number(1, updates.element()));
  const Value is_zero = elementwise(ElementOp::kEqual, updates, zero);
  const Value nonzero = where(is_zero, one, updates);
  const Value hits = cast(is_zero, updates.element());
  const Value rest = places.put(ScatterOp::kMultiply, operand, nonzero);
  const Value zeros = places.put(ScatterOp::kAdd, filled(0, operand.type()), hits);
  const Value others = elementwise(ElementOp::kEqual, places.at(zeros), hits);
  return {places.put(ScatterOp::kMultiply, filled(1, operand.type()), updates),
          where(others, places.at(rest) / nonzero, zero)};
}

/// 1 shared among all that are equal to the extreme.
Weights weights_of_extreme(const Places& places, const Value& operand, const Value& updates,
                           const Value& result) {
  const auto hits_of = [](const Value& x, const Value& extreme) {
    return cast(elementwise(ElementOp::kEqual, x, extreme), x.element());
  };
  const Value own = hits_of(operand, result);
  const Value put = hits_of(updates, places.at(result));
  const Value count = places.put(ScatterOp::kAdd, own, put);
  return {own / count, put / places.at(count)};
}

Weights weights_of(const Places& places, const Call& call) {
  if (places.of.op == ScatterOp::kMultiply)
    return weights_of_product(places, call.inputs[0], call.inputs[1]);
  return weights_of_extreme(places, call.inputs[0], call.inputs[1], call.outputs[0]);
}

bool is_linear(ScatterOp op) { return op == ScatterOp::kSet || op == ScatterOp::kAdd; }

Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0] && !tangents[1]) return one(Value());
  const Places places = places_of(call);
  const Value operand = or_zeros(tangents[0], call.inputs[0].type());
  const Value updates = or_zeros(tangents[1], call.inputs[1].type());
  if (is_linear(places.of.op)) return one(places.put(places.of.op, operand, updates));
  const Weights weights = weights_of(places, call);
  return one(places.put(ScatterOp::kAdd, operand * weights.operand, updates * weights.updates));
}

/// Of the updates that go to one place the last one stays: whether an update is that.
Value is_last(const Places& places, const Type& operand, const Type& updates) {
  const Array line = iota({Element::kInt64, {updates.size()}, updates.device}, 0);
  const Value numbers(reshape(line, updates.shape));
  const Value last =
      places.put(ScatterOp::kSet, filled(-1, {Element::kInt64, operand.shape, {}}), numbers);
  return elementwise(ElementOp::kEqual, places.at(last), numbers);
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Places places = places_of(call);
  const Value& cotangent = cotangents[0];
  Values out(call.inputs.size());
  if (places.of.op == ScatterOp::kSet) {
    const Type& updates = call.inputs[1].type();
    if (wanted[0] != 0) out[0] = places.put(ScatterOp::kSet, cotangent, filled(0, updates));
    if (wanted[1] == 0) return out;
    out[1] = places.at(cotangent);
    if (!places.of.unique)
      out[1] = where(is_last(places, cotangent.type(), updates), out[1],
                     Value(number(0, updates.element)));
    return out;
  }
  if (places.of.op == ScatterOp::kAdd) {
    if (wanted[0] != 0) out[0] = cotangent;
    if (wanted[1] != 0) out[1] = places.at(cotangent);
    return out;
  }
  const Weights weights = weights_of(places, call);
  if (wanted[0] != 0) out[0] = cotangent * conjugate(weights.operand);
  if (wanted[1] != 0) out[1] = places.at(cotangent) * conjugate(weights.updates);
  return out;
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<ScatterParams>();
  bool by_index = false;
  for (const uint8_t each : batch.batched.subspan(2)) by_index |= each != 0;
  const auto whole = [&](size_t i) {
    return with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size);
  };
  Values indices;
  for (size_t i = 2; i < batch.inputs.size(); ++i)
    indices.push_back(by_index ? whole(i) : batch.inputs[i]);
  return one(scatter(of.op, whole(0), indices, whole(1), with_batch(of.axes, true, by_index),
                     of.mode, of.unique));
}

Keeps keeps(const Params& params) {
  const ScatterOp op = params.as<ScatterParams>().op;
  return op == ScatterOp::kMax || op == ScatterOp::kMin ? kKeepBoth : kKeepInputs;
}

}  // namespace

const Primitive kScatter = {"scatter", infer, run, jvp, vjp, batch, keeps};

Value scatter(ScatterOp op, const Value& operand, ValueSpan indices, const Value& updates,
              const IndexAxes& axes, IndexMode mode, bool unique) {
  Values inputs{operand, updates};
  inputs.insert(inputs.end(), indices.begin(), indices.end());
  return apply_one(kScatter, Params(ScatterParams{op, axes, mode, unique}), inputs);
}

}  // namespace cne::tensor
