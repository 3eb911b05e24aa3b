#include "core/error.h"
#include "tensor/gather.h"
#include "tensor/scatter.h"
#include "tensor/sort.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct SortParams {
  int axis;
  bool descending;
  auto fields() const { return std::tie(axis, descending); }
};

Values all_batched(const Batch& batch) {
  Values out;
  for (size_t i = 0; i < batch.inputs.size(); ++i)
    out.push_back(with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size));
  return out;
}

/// An array in the order that places along an axis say.
Value in_order(const Value& value, const Value& order, int axis) {
  return gather(value, std::span(&order, 1), along_axes(value.rank(), axis));
}

// sort: of any number of arrays of one shape

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  for (const Type& each : inputs)
    if (!(each.shape == inputs[0].shape))
      throw ShapeError(message("sort: expected arrays of one shape, got ",
                               to_string(inputs[0].shape), " and ", to_string(each.shape)));
  return {inputs.begin(), inputs.end()};
}
std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<SortParams>();
  return sort(inputs, of.axis, of.descending);
}
/// The sorted arrays and the places that they come from.
Values forward(const Params& params, ValueSpan inputs) {
  const auto& of = params.as<SortParams>();
  const Value order = argsort(inputs[0], of.axis, of.descending);
  Values out;
  for (const Value& input : inputs) out.push_back(in_order(input, order, of.axis));
  out.push_back(order);
  return out;
}
Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<SortParams>();
  const Value order = argsort(call.inputs[0], of.axis, of.descending);
  Values out;
  for (const Value& tangent : tangents)
    out.push_back(tangent ? in_order(tangent, order, of.axis) : Value());
  return out;
}
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const int axis = call.params.as<SortParams>().axis;
  const Value& order = call.outputs.back();
  Values out(call.inputs.size());
  for (size_t i = 0; i < out.size(); ++i)
    if (wanted[i] != 0 && cotangents[i])
      out[i] = scatter(ScatterOp::kSet, filled(0, cotangents[i].type()), std::span(&order, 1),
                       cotangents[i], along_axes(order.rank(), axis), IndexMode::kChecked, true);
  return out;
}
Values batch(const Batch& batch) {
  const auto& of = batch.params.as<SortParams>();
  return sort(all_batched(batch), of.axis + 1, of.descending);
}

// argsort

std::vector<Type> infer_order(const Params&, std::span<const Type> inputs) {
  check_shape(inputs[0].shape, Element::kInt64, "argsort");
  return one(Type{Element::kInt64, inputs[0].shape, inputs[0].device});
}
std::vector<Array> run_order(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<SortParams>();
  return one(argsort(inputs[0], of.axis, of.descending));
}
Values batch_order(const Batch& batch) {
  const auto& of = batch.params.as<SortParams>();
  return one(argsort(batch.inputs[0], of.axis + 1, of.descending));
}

}  // namespace

const Primitive kSort = {
    "sort", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }, forward};
const Primitive kArgsort = {"argsort", infer_order, run_order, nullptr, nullptr, batch_order};

Value sort(const Value& value, int64_t axis, bool descending) {
  return sort(std::span(&value, 1), axis, descending)[0];
}

Values sort(ValueSpan values, int64_t axis, bool descending) {
  if (values.empty()) throw ArgumentError("sort: expected at least one array");
  const int along = normalize_axis(axis, values[0].rank(), "sort");
  return apply(kSort, Params(SortParams{along, descending}), values);
}

Value argsort(const Value& value, int64_t axis, bool descending) {
  const int along = normalize_axis(axis, value.rank(), "argsort");
  return apply_one(kArgsort, Params(SortParams{along, descending}), std::span(&value, 1));
}

}  // namespace cne::tensor
