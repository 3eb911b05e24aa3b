#include <limits>

#include "tensor/cumulative.h"
#include "tensor/linear_recurrence.h"
#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct CumulativeParams {
  CumulativeOp op;
  int axis;
  bool reverse;
  auto fields() const { return std::tie(op, axis, reverse); }
};

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<CumulativeParams>();
  check_cumulative(of.op, inputs[0].element);
  Type out = inputs[0];
  out.element = result_of(of.op, out.element);
  check_shape(out.shape, out.element, name_of(of.op));
  return one(out);
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<CumulativeParams>();
  return one(cumulative(of.op, inputs[0], of.axis, of.reverse));
}

/// Changes go along as a recurrence: h[i] = carried[i] * h[i - 1] + taken[i] * change[i].
struct Weights {
  Value carried;
  Value taken;
};

Weights weights_of(const Call& call) {
  const auto& of = call.params.as<CumulativeParams>();
  const Value& x = call.inputs[0];
  const Value& result = call.outputs[0];
  if (of.op == CumulativeOp::kProd) return {x, one_before(result, of.axis, of.reverse, 1)};
  if (of.op == CumulativeOp::kLogAddExp) {
    const double none = -std::numeric_limits<double>::infinity();
    const Value before = one_before(result, of.axis, of.reverse, none);
    // What is infinite has no shares.
    const Value zero(number(0, x.element()));
    const Value is_finite = elementwise(ElementOp::kIsFinite, result);
    const auto share = [&](const Value& part) {
      return where(is_finite, elementwise(ElementOp::kExp, part - result), zero);
    };
    return {share(before), share(x)};
  }
  // The first element that has an extreme takes over.
  const Value same =
      elementwise(ElementOp::kEqual, result, one_before(result, of.axis, of.reverse, 0));
  const Value is_first =
      one_before(filled(0, {Element::kBool, x.shape(), {}}), of.axis, of.reverse, 1);
  const Value stays = elementwise(ElementOp::kAnd, same, elementwise(ElementOp::kInvert, is_first));
  const Value carried = cast(stays, x.element());
  return {carried, 1.0 - carried};
}

Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<CumulativeParams>();
  if (!tangents[0]) return one(Value());
  if (of.op == CumulativeOp::kSum) return one(cumulative(of.op, tangents[0], of.axis, of.reverse));
  const Weights weights = weights_of(call);
  return one(linear_recurrence(weights.carried, weights.taken * tangents[0], of.axis, of.reverse));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const auto& of = call.params.as<CumulativeParams>();
  if (of.op == CumulativeOp::kSum)
    return one(cumulative(of.op, cotangents[0], of.axis, !of.reverse));
  const Weights weights = weights_of(call);
  // Backwards, an element is carried on by what carried it here.
  const Value carried = conjugate(one_before(weights.carried, of.axis, !of.reverse, 0));
  return one(linear_recurrence(carried, cotangents[0], of.axis, !of.reverse) *
             conjugate(weights.taken));
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<CumulativeParams>();
  return one(cumulative(of.op, batch.inputs[0], of.axis + 1, of.reverse));
}

Keeps keeps(const Params& params) {
  return params.as<CumulativeParams>().op == CumulativeOp::kSum ? kKeepNothing : kKeepBoth;
}

}  // namespace

const Primitive kCumulative = {"cumulative", infer, run, jvp, vjp, batch, keeps};

Value cumulative(CumulativeOp op, const Value& value, int64_t axis, bool reverse) {
  const int along = normalize_axis(axis, value.rank(), name_of(op));
  return apply_one(kCumulative, Params(CumulativeParams{op, along, reverse}), std::span(&value, 1));
}

}  // namespace cne::tensor
