#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "tensor/pad.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

Keeps keep_nothing(const Params&) { return kKeepNothing; }

Dims batched_shape(const Dims& shape, int64_t size) {
  Dims out = shape;
  out.insert(0, size);
  return out;
}

/// What moves elements and nothing else: the same to a tangent.
template <const Primitive& primitive>
Values moved(const Call& call, ValueSpan tangents) {
  if (!tangents[0]) return one(Value());
  return apply(primitive, call.params, tangents.first(1));
}

// reshape

std::vector<Type> infer_reshape(const Params& params, std::span<const Type> inputs) {
  const Dims& shape = params.as<ShapeParams>().shape;
  check_shape(shape, inputs[0].element, "reshape");
  if (product(shape) != inputs[0].size())
    throw ShapeError(message("reshape: the shape ", to_string(shape), " does not hold the ",
                             inputs[0].size(), " elements of ", to_string(inputs[0].shape)));
  return one(Type{inputs[0].element, shape, inputs[0].device});
}
std::vector<Array> run_reshape(const Params& params, std::span<const Array> inputs) {
  return one(reshape(inputs[0], params.as<ShapeParams>().shape));
}
Values vjp_reshape(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  return one(reshape(cotangents[0], call.inputs[0].shape()));
}
Values batch_reshape(const Batch& batch) {
  return one(
      reshape(batch.inputs[0], batched_shape(batch.params.as<ShapeParams>().shape, batch.size)));
}

// permute

std::vector<Type> infer_permute(const Params& params, std::span<const Type> inputs) {
  const Dims& axes = params.as<AxesParams>().axes;
  Type out = inputs[0];
  for (int i = 0; i < axes.size(); ++i) out.shape[i] = inputs[0].shape[static_cast<int>(axes[i])];
  return one(out);
}
std::vector<Array> run_permute(const Params& params, std::span<const Array> inputs) {
  return one(permute(inputs[0], params.as<AxesParams>().axes));
}
Values vjp_permute(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Dims& axes = call.params.as<AxesParams>().axes;
  Dims back = axes;
  for (int i = 0; i < axes.size(); ++i) back[static_cast<int>(axes[i])] = i;
  return one(permute(cotangents[0], back));
}
Values batch_permute(const Batch& batch) {
  Dims axes{0};
  for (const int64_t axis : batch.params.as<AxesParams>().axes) axes.push_back(axis + 1);
  return one(permute(batch.inputs[0], axes));
}

// broadcast_to

std::vector<Type> infer_broadcast(const Params& params, std::span<const Type> inputs) {
  const Dims& shape = params.as<ShapeParams>().shape;
  check_broadcast(inputs[0], shape);
  return one(Type{inputs[0].element, shape, inputs[0].device});
}
std::vector<Array> run_broadcast(const Params& params, std::span<const Array> inputs) {
  return one(broadcast_to(inputs[0], params.as<ShapeParams>().shape));
}
Values vjp_broadcast(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  return one(sum_to(cotangents[0], call.inputs[0].shape()));
}
Values batch_broadcast(const Batch& batch) {
  const Dims& shape = batch.params.as<ShapeParams>().shape;
  return one(broadcast_to(with_rank(batch.inputs[0], true, shape.size()),
                          batched_shape(shape, batch.size)));
}

// slice

std::vector<Type> infer_slice(const Params& params, std::span<const Type> inputs) {
  return one(Type{inputs[0].element, params.as<SliceParams>().counts, inputs[0].device});
}
std::vector<Array> run_slice(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<SliceParams>();
  return one(slice(inputs[0], of.starts, of.steps, of.counts));
}
/// The elements back in their places, and zeros in all others.
Values vjp_slice(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const auto& of = call.params.as<SliceParams>();
  const Dims& shape = call.inputs[0].shape();
  Dims low = shape;
  Dims high = shape;
  Dims interior = shape;
  Dims backwards;
  for (int axis = 0; axis < shape.size(); ++axis) {
    const int64_t count = of.counts[axis];
    const int64_t step = std::abs(of.steps[axis]);
    const int64_t last = of.starts[axis] + (count - 1) * of.steps[axis];
    if (of.steps[axis] < 0) backwards.push_back(axis);
    low[axis] = count == 0 ? 0 : std::min(of.starts[axis], last);
    high[axis] = count == 0 ? shape[axis] : shape[axis] - 1 - std::max(of.starts[axis], last);
    interior[axis] = step - 1;
  }
  const Value forwards = backwards.empty() ? cotangents[0] : flip(cotangents[0], backwards);
  return one(pad(forwards, Value(number(0, forwards.element())), low, high, interior));
}
Values batch_slice(const Batch& batch) {
  SliceParams of = batch.params.as<SliceParams>();
  of.starts.insert(0, 0);
  of.steps.insert(0, 1);
  of.counts.insert(0, batch.size);
  return one(slice(batch.inputs[0], of.starts, of.steps, of.counts));
}

template <typename P>
Value apply_to(const Primitive& primitive, P params, const Value& value) {
  const Value inputs[] = {value};
  return apply_one(primitive, Params(std::move(params)), inputs);
}

}  // namespace

const Primitive kReshape = {"reshape",   infer_reshape, run_reshape, moved<kReshape>,
                            vjp_reshape, batch_reshape, keep_nothing};
const Primitive kPermute = {"permute_dims", infer_permute, run_permute, moved<kPermute>,
                            vjp_permute,    batch_permute, keep_nothing};
const Primitive kBroadcast = {"broadcast_to", infer_broadcast, run_broadcast, moved<kBroadcast>,
                              vjp_broadcast,  batch_broadcast, keep_nothing};
const Primitive kSlice = {"slice",   infer_slice, run_slice,   moved<kSlice>,
                          vjp_slice, batch_slice, keep_nothing};

Value reshape(const Value& value, const Dims& wanted) {
  if (!value.is_traced()) return reshape(value.array(), wanted);
  const Dims shape = reshaped(value.type(), wanted);
  if (value.shape() == shape) return value;
  return apply_to(kReshape, ShapeParams{shape}, value);
}

Value permute(const Value& value, const Dims& wanted) {
  if (!value.is_traced()) return permute(value.array(), wanted);
  if (wanted.size() != value.rank())
    throw ArgumentError(
        message("permute_dims: expected ", value.rank(), " axes, got ", to_string(wanted)));
  const Dims axes = normalize_axes(wanted, value.rank(), "permute_dims");
  if (axes == Dims::range(0, axes.size())) return value;
  return apply_to(kPermute, AxesParams{axes}, value);
}

Value expand_dims(const Value& value, const Dims& axes) {
  if (!value.is_traced()) return expand_dims(value.array(), axes);
  return reshape(value, expanded(value.shape(), axes));
}

Value squeeze(const Value& value, const Dims& axes) {
  if (!value.is_traced()) return squeeze(value.array(), axes);
  return reshape(value, squeezed(value.shape(), axes));
}

Value broadcast_to(const Value& value, const Dims& shape) {
  if (value.shape() == shape) return value;
  if (!value.is_traced()) return broadcast_to(value.array(), shape);
  return apply_to(kBroadcast, ShapeParams{shape}, value);
}

Value slice(const Value& value, const Dims& starts, const Dims& steps, const Dims& counts) {
  if (!value.is_traced()) return slice(value.array(), starts, steps, counts);
  return apply_to(kSlice, SliceParams{starts, steps, counts}, value);
}

Value slice_axis(const Value& value, int axis, int64_t start, int64_t step, int64_t count) {
  if (!value.is_traced()) return slice_axis(value.array(), axis, start, step, count);
  Dims starts = Dims::filled(value.rank(), 0);
  Dims steps = Dims::filled(value.rank(), 1);
  Dims counts = value.shape();
  starts[axis] = start;
  steps[axis] = step;
  counts[axis] = count;
  if (counts == value.shape() && step == 1) return value;
  return slice(value, starts, steps, counts);
}

Value flip(const Value& value, const Dims& wanted) {
  if (!value.is_traced()) return flip(value.array(), wanted);
  Dims starts = Dims::filled(value.rank(), 0);
  Dims steps = Dims::filled(value.rank(), 1);
  for (const int64_t each : normalize_axes(wanted, value.rank(), "flip")) {
    const int axis = static_cast<int>(each);
    starts[axis] = std::max<int64_t>(value.shape()[axis] - 1, 0);
    steps[axis] = -1;
  }
  return slice(value, starts, steps, value.shape());
}

Value take_one(const Value& value, int wanted, int64_t index) {
  const int axis = normalize_axis(wanted, value.rank(), "take_one");
  if (!value.is_traced()) return take_one(value.array(), axis, index);
  const int64_t extent = value.shape()[axis];
  const Value kept = slice_axis(value, axis, checked_index(index, axis, extent), 1, 1);
  Dims shape = kept.shape();
  shape.erase(axis);
  return reshape(kept, shape);
}

Value move_axis(const Value& value, int from_axis, int to_axis) {
  const int from = normalize_axis(from_axis, value.rank(), "move_axis");
  const int to = normalize_axis(to_axis, value.rank(), "move_axis");
  Dims axes = Dims::range(0, value.rank());
  axes.erase(from);
  axes.insert(to, from);
  return permute(value, axes);
}

}  // namespace cne::tensor
