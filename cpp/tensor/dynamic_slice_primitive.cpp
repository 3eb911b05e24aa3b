#include <algorithm>

#include "tensor/dynamic_slice.h"
#include "tensor/gather.h"
#include "tensor/iota.h"
#include "tensor/scatter.h"
#include "tensor/strided_copy.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct SizesParams {
  Dims sizes;
  auto fields() const { return std::tie(sizes); }
};

Keeps keep_starts(const Params&) { return kKeepInputs; }
Keeps keep_nothing(const Params&) { return kKeepNothing; }

/// The places of a block by example, for gather and scatter: along each axis that the block does
/// not fill its first place and those behind it.
struct BlockPlaces {
  Values indices;
  IndexAxes axes;
};

/// `starts` are those of a batch; so is the operand if `batched` says so. Shapes are of one
/// example.
BlockPlaces places_of(ValueSpan starts, std::span<const uint8_t> batched, bool operand_batched,
                      const Dims& shape, const Dims& sizes, int64_t size) {
  BlockPlaces out;
  Dims common{size};
  for (int axis = 0; axis < shape.size(); ++axis)
    if (sizes[axis] != shape[axis]) common.push_back(sizes[axis]);
  out.axes = {{}, {operand_batched ? 0 : -1}, {0}};
  int at = 0;  // of the axes of the indices
  for (int axis = 0; axis < shape.size(); ++axis) {
    const int own = axis + (operand_batched ? 1 : 0);
    const bool is_whole = sizes[axis] == shape[axis];
    out.axes.operand.push_back(is_whole ? own : -1);
    out.axes.indices.push_back(is_whole ? -1 : ++at);
    if (is_whole) continue;
    out.axes.indexed.push_back(own);
    const auto i = static_cast<size_t>(axis);
    const Value start = cast(with_batch_axis(starts[i], batched[i] != 0, size), Element::kInt64);
    const Value last(number(static_cast<double>(shape[axis] - sizes[axis]), Element::kInt64));
    const Value clamped = elementwise(
        ElementOp::kMinimum,
        elementwise(ElementOp::kMaximum, start, Value(number(0, Element::kInt64))), last);
    Dims by_example = Dims::filled(common.size(), 1);
    by_example[0] = size;
    out.indices.push_back(reshape(clamped, by_example) +
                          Value(iota({Element::kInt64, common, start.type().device}, at)));
  }
  return out;
}

bool is_any(std::span<const uint8_t> batched) {
  return std::find(batched.begin(), batched.end(), 1) != batched.end();
}

/// The starts of one block of a whole batch.
Values with_first_start(ValueSpan starts) {
  Values out{number(0, Element::kInt64)};
  out.insert(out.end(), starts.begin(), starts.end());
  return out;
}

Dims without_first(const Dims& shape) {
  Dims out = shape;
  out.erase(0);
  return out;
}

// dynamic_slice: the inputs are the operand and a start by axis.

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(dynamic_slice_type(inputs[0], inputs.subspan(1), params.as<SizesParams>().sizes));
}
std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(dynamic_slice(inputs[0], inputs.subspan(1), params.as<SizesParams>().sizes));
}
Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0]) return one(Value());
  return one(
      dynamic_slice(tangents[0], call.inputs.subspan(1), call.params.as<SizesParams>().sizes));
}
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  Values out(call.inputs.size());
  if (wanted[0] != 0)
    out[0] = dynamic_update_slice(filled(0, call.inputs[0].type()), cotangents[0],
                                  call.inputs.subspan(1));
  return out;
}
Values batch(const Batch& batch) {
  const Value& operand = batch.inputs[0];
  Dims sizes = batch.params.as<SizesParams>().sizes;
  const auto starts = batch.inputs.subspan(1);
  if (is_any(batch.batched.subspan(1))) {
    const bool is_batched = batch.batched[0] != 0;
    const Dims shape = is_batched ? without_first(operand.shape()) : operand.shape();
    const auto places =
        places_of(starts, batch.batched.subspan(1), is_batched, shape, sizes, batch.size);
    if (!places.indices.empty()) return one(gather(operand, places.indices, places.axes));
    return one(with_batch_axis(operand, is_batched, batch.size));
  }
  sizes.insert(0, batch.size);
  return one(dynamic_slice(operand, with_first_start(starts), sizes));
}

// dynamic_update_slice: the inputs are the operand, the update and a start by axis.

std::vector<Type> infer_update(const Params&, std::span<const Type> inputs) {
  return one(dynamic_update_slice_type(inputs[0], inputs[1], inputs.subspan(2)));
}
std::vector<Array> run_update(const Params&, std::span<const Array> inputs) {
  return one(dynamic_update_slice(inputs[0], inputs[1], inputs.subspan(2)));
}
Values jvp_update(const Call& call, ValueSpan tangents) {
  if (!tangents[0] && !tangents[1]) return one(Value());
  return one(dynamic_update_slice(or_zeros(tangents[0], call.inputs[0].type()),
                                  or_zeros(tangents[1], call.inputs[1].type()),
                                  call.inputs.subspan(2)));
}
Values vjp_update(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto starts = call.inputs.subspan(2);
  const Type& update = call.inputs[1].type();
  Values out(call.inputs.size());
  if (wanted[0] != 0) out[0] = dynamic_update_slice(cotangents[0], filled(0, update), starts);
  if (wanted[1] != 0) out[1] = dynamic_slice(cotangents[0], starts, update.shape);
  return out;
}
Values batch_update(const Batch& batch) {
  const Value operand = with_batch_axis(batch.inputs[0], batch.batched[0] != 0, batch.size);
  const Value update = with_batch_axis(batch.inputs[1], batch.batched[1] != 0, batch.size);
  const auto starts = batch.inputs.subspan(2);
  if (!is_any(batch.batched.subspan(2)))
    return one(dynamic_update_slice(operand, update, with_first_start(starts)));
  const auto places =
      places_of(starts, batch.batched.subspan(2), true, without_first(operand.shape()),
                without_first(update.shape()), batch.size);
  if (places.indices.empty()) return one(update);
  return one(scatter(ScatterOp::kSet, operand, places.indices, update, places.axes,
                     IndexMode::kChecked, true));
}

// update_slice: the inputs are the operand and the update.

struct BlockParams {
  Dims starts;
  Dims steps;
  auto fields() const { return std::tie(starts, steps); }
};

std::vector<Type> infer_block(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<BlockParams>();
  check_copy(inputs[0], of.starts, of.steps, inputs[1]);
  return one(inputs[0]);
}
std::vector<Array> run_block(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<BlockParams>();
  return one(update_slice(inputs[0], inputs[1], of.starts, of.steps));
}
Values jvp_block(const Call& call, ValueSpan tangents) {
  if (!tangents[0] && !tangents[1]) return one(Value());
  const Value inputs[] = {or_zeros(tangents[0], call.inputs[0].type()),
                          or_zeros(tangents[1], call.inputs[1].type())};
  return apply(kUpdateSlice, call.params, inputs);
}
Values vjp_block(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto& of = call.params.as<BlockParams>();
  const Type& update = call.inputs[1].type();
  Values out(2);
  if (wanted[0] != 0) out[0] = update_slice(cotangents[0], filled(0, update), of.starts, of.steps);
  if (wanted[1] != 0) out[1] = slice(cotangents[0], of.starts, of.steps, update.shape);
  return out;
}
Values batch_block(const Batch& batch) {
  BlockParams of = batch.params.as<BlockParams>();
  of.starts.insert(0, 0);
  of.steps.insert(0, 1);
  return one(update_slice(with_batch_axis(batch.inputs[0], batch.batched[0] != 0, batch.size),
                          with_batch_axis(batch.inputs[1], batch.batched[1] != 0, batch.size),
                          of.starts, of.steps));
}

}  // namespace

const Primitive kDynamicSlice = {"dynamic_slice", infer, run, jvp, vjp, batch, keep_starts};
const Primitive kDynamicUpdateSlice = {
    "dynamic_update_slice", infer_update, run_update, jvp_update, vjp_update,
    batch_update,           keep_starts};
const Primitive kUpdateSlice = {"update_slice", infer_block, run_block,   jvp_block,
                                vjp_block,      batch_block, keep_nothing};

Value dynamic_slice(const Value& operand, ValueSpan starts, const Dims& sizes) {
  Values inputs{operand};
  inputs.insert(inputs.end(), starts.begin(), starts.end());
  return apply_one(kDynamicSlice, Params(SizesParams{sizes}), inputs);
}

Value dynamic_update_slice(const Value& operand, const Value& update, ValueSpan starts) {
  Values inputs{operand, update};
  inputs.insert(inputs.end(), starts.begin(), starts.end());
  return apply_one(kDynamicUpdateSlice, Params(), inputs);
}

Value update_slice(const Value& operand, const Value& update, const Dims& starts,
                   const Dims& steps) {
  const Value inputs[] = {operand, update};
  return apply_one(kUpdateSlice, Params(BlockParams{starts, steps}), inputs);
}

}  // namespace cne::tensor
