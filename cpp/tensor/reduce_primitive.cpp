#include <algorithm>

#include "core/error.h"
#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

Value reduce_kept(ReduceOp op, const Value& value, const Dims& axes) {
  return reduce(op, value, axes, true);
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<ReduceParams>();
  return one(reduced(of.op, inputs[0], of.axes));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<ReduceParams>();
  return one(reduce(of.op, inputs[0], of.axes, false));
}

/// Where the extremes lie: 1 shared among all that are equal.
Value share_of_extremes(const Value& x, const Value& extreme, const Dims& axes) {
  const Value hits = cast(elementwise(ElementOp::kEqual, x, extreme), x.element());
  return hits / reduce_kept(ReduceOp::kSum, hits, axes);
}

/// The product of all others: exact also where one element is 0.
Value product_of_others(const Value& x, const Value& product, const Dims& axes) {
  const Value zero(number(0, x.element()));
  const Value one(number(1, x.element()));
  const Value is_zero = elementwise(ElementOp::kEqual, x, zero);
  const Value zeros = reduce_kept(ReduceOp::kSum, cast(is_zero, x.element()), axes);
  const Value filled = where(is_zero, one, x);
  const Value rest = reduce_kept(ReduceOp::kProd, filled, axes);
  const Value alone =
      where(elementwise(ElementOp::kEqual, zeros, one), where(is_zero, rest, zero), zero);
  return where(elementwise(ElementOp::kEqual, zeros, zero), product / filled, alone);
}

/// What a reduction's result changes by, per change of each element; sums have none.
Value weights(ReduceOp op, const Value& x, const Value& result, const Dims& axes) {
  if (op == ReduceOp::kProd) return product_of_others(x, result, axes);
  return share_of_extremes(x, result, axes);
}

bool has_derivative(ReduceOp op) {
  return op == ReduceOp::kSum || op == ReduceOp::kProd || op == ReduceOp::kMax ||
         op == ReduceOp::kMin;
}

Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<ReduceParams>();
  if (!has_derivative(of.op) || !tangents[0]) return one(Value());
  if (of.op == ReduceOp::kSum) return one(reduce(of.op, tangents[0], of.axes, false));
  const Value result = expand_dims(call.outputs[0], of.axes);
  return one(reduce(ReduceOp::kSum, tangents[0] * weights(of.op, call.inputs[0], result, of.axes),
                    of.axes, false));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const auto& of = call.params.as<ReduceParams>();
  const Value& x = call.inputs[0];
  if (!has_derivative(of.op)) return one(Value());
  const Value cotangent = expand_dims(cotangents[0], of.axes);
  if (of.op == ReduceOp::kSum) return one(broadcast_to(cotangent, x.shape()));
  const Value result = expand_dims(call.outputs[0], of.axes);
  return one(cotangent * conjugate(weights(of.op, x, result, of.axes)));
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<ReduceParams>();
  Dims axes;
  for (const int64_t axis : of.axes) axes.push_back(axis + 1);
  const bool is_place = of.op == ReduceOp::kArgMax || of.op == ReduceOp::kArgMin;
  const Value& x = batch.inputs[0];
  if (!is_place || axes.size() == 1 || x.rank() == 1) return one(reduce(of.op, x, axes, false));
  // Places among all elements are those of each example in one row.
  return one(reduce(of.op, reshape(x, {batch.size, -1}), {1}, false));
}

Keeps keeps(const Params& params) {
  return params.as<ReduceParams>().op == ReduceOp::kSum ? kKeepNothing : kKeepBoth;
}

}  // namespace

const Primitive kReduce = {
    "reduce", infer,   run,
    jvp,      vjp,     batch,
    keeps,    nullptr, [](const Params& params) {
                             return name_of(params.as<ReduceParams>().op); }};

Value reduce(ReduceOp op, const Value& value, const Dims& wanted, bool keep_dims) {
  if (!value.is_traced() && !debug_nans()) return reduce(op, value.array(), wanted, keep_dims);
  Dims axes = normalize_axes(wanted, value.rank(), name_of(op));
  std::sort(axes.begin(), axes.end());
  const Value inputs[] = {value};
  const Value out = apply_one(kReduce, Params(ReduceParams{op, axes}), inputs);
  return keep_dims ? expand_dims(out, axes) : out;
}

}  // namespace cne::tensor
