#include <limits>

#include "tensor/attention.h"
#include "tensor/body.h"
#include "tensor/cuda_attention.h"
#include "tensor/cuda_run.h"
#include "tensor/iota.h"
#include "tensor/matmul.h"
#include "tensor/select.h"
#include "tensor/stop_gradient.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

const AttentionParams& params_of(const Params& params) { return params.as<AttentionParams>(); }

/// Which keys a query sees that sees none behind it: (queries, keys).
Value causal(int64_t queries, int64_t keys, Device device) {
  const Type type{Element::kInt64, {queries, keys}, device};
  const Value last = Value(iota(type, 0)) + static_cast<double>(keys - queries);
  return elementwise(ElementOp::kLessEqual, Value(iota(type, 1)), last);
}

/// Attention in operations that have all derivatives: query, key, value and perhaps a mask.
Value in_operations(ValueSpan inputs, const AttentionParams& params) {
  const Dims q = inputs[0].shape();
  const Dims k = inputs[1].shape();
  const int64_t share = q[1] / k[1];
  const Element element = inputs[0].element();
  const Value query = reshape(inputs[0] * params.scale, {q[0], k[1], share, q[2], q[3]});
  const Value key = permute(expand_dims(inputs[1], {2}), {0, 1, 2, 4, 3});
  Value scores = reshape(matmul(query, key), {q[0], q[1], q[2], k[2]});
  const Value none(number(-std::numeric_limits<double>::infinity(), element));
  if (params.is_causal) scores = where(causal(q[2], k[2], inputs[0].type().device), scores, none);
  if (inputs.size() > 3) scores = where(inputs[3], scores, none);
  const Value zero(number(0, element));
  Value e = scores;
  if (k[2] > 0) {
    const Value top = stop_gradient(reduce(ReduceOp::kMax, scores, {3}, true));
    const Value shift = where(elementwise(ElementOp::kIsFinite, top), top, zero);
    e = elementwise(ElementOp::kExp, scores - shift);
  }
  const Value sum = reduce(ReduceOp::kSum, e, {3}, true);
  const Value has_any = elementwise(ElementOp::kLess, zero, sum);
  const Value weights = e / where(has_any, sum, Value(number(1, element)));
  const Value rows = reshape(weights, {q[0], k[1], share, q[2], k[2]});
  const Value out = matmul(rows, expand_dims(inputs[2], {2}));
  return reshape(out, {q[0], q[1], q[2], inputs[2].shape()[3]});
}

std::vector<Type> types_of(ValueSpan values) {
  std::vector<Type> out;
  for (const Value& each : values) out.push_back(each.type());
  return out;
}

BodyPtr body_of(ValueSpan inputs, const AttentionParams& params) {
  return trace_body(types_of(inputs),
                    [&](ValueSpan seen) { return one(in_operations(seen, params)); });
}

/// Of attention's gradient: its derivatives as a program of query, key, value, perhaps a mask, and
/// the cotangent. What attention gave depends on these, too, and is not asked.
struct GradientProgram {
  GradientProgram(const Params& params, ValueSpan inputs) {
    const size_t given = inputs.size() - 3;  // with two results behind them
    for (size_t i = 0; i < given; ++i) this->inputs.push_back(inputs[i]);
    this->inputs.push_back(inputs.back());
    const BodyPtr forward = body_of(ValueSpan(this->inputs).first(given), params_of(params));
    body = trace_body(types_of(this->inputs), [&](ValueSpan seen) {
      std::vector<uint8_t> wanted(given, 0);
      std::fill_n(wanted.begin(), 3, uint8_t{1});
      Values out = run_vjp(*forward, seen.first(given), seen.subspan(given), wanted);
      out.resize(3);
      for (size_t i = 0; i < 3; ++i) out[i] = or_zeros(out[i], seen[i].type());
      return out;
    });
  }

  /// Of the gradient's inputs those that the program has.
  template <typename T>
  static std::vector<T> chosen(std::span<const T> all) {
    std::vector<T> out(all.begin(), all.end() - 3);
    out.push_back(all.back());
    return out;
  }

  Values inputs;
  BodyPtr body;
};

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return attention_types(inputs);
}

/// On a device of what has no kernel: as a program of other operations. The sums of weights are
/// what a kernel of the gradient reads, and there is none either.
std::vector<Array> run_in_operations(std::span<const Array> inputs, const AttentionParams& params) {
  Values values;
  for (const Array& each : inputs) values.push_back(each);
  const std::vector<Type> types = attention_types(types_of(values));
  return {in_operations(values, params).array(), filled(0, types[1])};
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  if (!is_on_device(inputs)) return attention(inputs, params_of(params));
  if (has_attention_kernel(inputs)) return attention_on_cuda(inputs, params_of(params));
  return run_in_operations(inputs, params_of(params));
}

Values jvp(const Call& call, ValueSpan tangents) {
  const BodyPtr body = body_of(call.inputs, params_of(call.params));
  Values out = run_jvp(*body, call.inputs, tangents);
  out.push_back(Value());  // of sums that gradients alone read
  return out;
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  Values out(call.inputs.size());
  if (!cotangents[0]) return out;
  Values inputs(call.inputs.begin(), call.inputs.end());
  inputs.insert(inputs.end(), call.outputs.begin(), call.outputs.end());
  inputs.push_back(cotangents[0]);
  const Values slopes = apply(kAttentionGradient, call.params, inputs);
  std::copy(slopes.begin(), slopes.end(), out.begin());
  return out;
}

std::vector<Type> infer_gradient(const Params&, std::span<const Type> inputs) {
  return {inputs[0], inputs[1], inputs[2]};
}

std::vector<Array> run_gradient(const Params& params, std::span<const Array> inputs) {
  if (!is_on_device(inputs)) return attention_gradient(inputs, params_of(params));
  if (has_attention_kernel(inputs)) return attention_gradient_on_cuda(inputs, params_of(params));
  Values values;
  for (const Array& each : inputs) values.push_back(each);
  const GradientProgram program(params, values);
  std::vector<Array> arrays;
  for (const Value& each : program.inputs) arrays.push_back(each.array());
  return program.body->run(arrays);
}

Values jvp_gradient(const Call& call, ValueSpan tangents) {
  const GradientProgram program(call.params, call.inputs);
  return run_jvp(*program.body, program.inputs, GradientProgram::chosen(tangents));
}

Values vjp_gradient(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const GradientProgram program(call.params, call.inputs);
  Values found =
      run_vjp(*program.body, program.inputs, cotangents, GradientProgram::chosen(wanted));
  Values out(call.inputs.size());
  out.back() = found.back();
  std::copy(found.begin(), found.end() - 1, out.begin());
  return out;
}

/// The axis of the batch and the next one as one, of which masks may have an extent of 1.
Values merged(const Batch& batch, size_t masks_at) {
  const int64_t inner = batch.inputs[0].shape()[batch.batched[0] != 0 ? 1 : 0];
  Values out;
  for (size_t i = 0; i < batch.inputs.size(); ++i) {
    Value each = with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size);
    Dims shape = each.shape();
    if (i == masks_at && shape[1] != inner) {
      shape[1] = inner;
      each = broadcast_to(each, shape);
    }
    shape.erase(0);
    shape[0] = batch.size * inner;
    out.push_back(reshape(each, shape));
  }
  return out;
}

Values batch_by(const Primitive& primitive, const Batch& batch, bool has_mask) {
  const Values outputs = apply(primitive, batch.params, merged(batch, has_mask ? 3 : SIZE_MAX));
  Values out;
  for (const Value& each : outputs) {
    Dims shape = {batch.size};
    for (const int64_t extent : each.shape()) shape.push_back(extent);
    shape[1] = shape[1] / std::max<int64_t>(batch.size, 1);
    out.push_back(reshape(each, shape));
  }
  return out;
}

Values batch(const Batch& batch) { return batch_by(kAttention, batch, batch.inputs.size() == 4); }
Values batch_gradient(const Batch& batch) {
  return batch_by(kAttentionGradient, batch, batch.inputs.size() == 7);
}

/// With as many axes of the batch as there are, as one.
Value as_batch(const Value& value) {
  const Dims& shape = value.shape();
  int64_t batch = 1;
  for (int axis = 0; axis + 3 < shape.size(); ++axis) batch *= shape[axis];
  const int rank = shape.size();
  return rank == 4 ? value
                   : reshape(value, {batch, shape[rank - 3], shape[rank - 2], shape[rank - 1]});
}

}  // namespace

const Primitive kAttention = {"attention", infer, run, jvp, vjp, batch};
const Primitive kAttentionGradient = {"attention_gradient",
                                      infer_gradient,
                                      run_gradient,
                                      jvp_gradient,
                                      vjp_gradient,
                                      batch_gradient,
                                      [](const Params&) { return kKeepInputs; }};

Value attention(const Value& query, const Value& key, const Value& value, const Value& mask,
                const AttentionParams& params) {
  for (const Value* each : {&query, &key, &value})
    if (each->rank() < 3 || each->rank() != query.rank())
      throw ShapeError(message("attention: expected (..., heads, length, d), got ",
                               to_string(query.type()), ", ", to_string(key.type()), " and ",
                               to_string(value.type())));
  Values inputs = {as_batch(query), as_batch(key), as_batch(value)};
  if (mask) inputs.push_back(as_batch(mask));
  const Value out = apply(kAttention, Params(params), inputs)[0];
  if (query.rank() == 4) return out;
  Dims shape = query.shape();
  shape[shape.size() - 1] = value.shape().back();
  return reshape(out, shape);
}

}  // namespace cne::tensor
