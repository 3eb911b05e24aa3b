#include "tensor/conv.h"
#include "tensor/value_ops.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

// Of the three operations each is linear in both inputs, and the derivatives of each are the
// others.

/// A gradient's parameters: those of the convolution, and the shape of the result.
struct GradientParams {
  ConvParams conv;
  Dims shape;
  auto fields() const { return std::tuple_cat(conv.fields(), std::tie(shape)); }
};

using Rule = Value (*)(const Value&, const Value&, const Params&);

/// The sum of what the change of each input gives.
template <Rule kApply>
Values jvp(const Call& call, ValueSpan tangents) {
  const Value left = tangents[0] ? kApply(tangents[0], call.inputs[1], call.params) : Value();
  const Value right = tangents[1] ? kApply(call.inputs[0], tangents[1], call.params) : Value();
  return one(left && right ? left + right : left ? left : right);
}

Keeps keeps_inputs(const Params&) { return kKeepInputs; }

/// An axis of the batch put into axis `axis` of the rest, in front of what is there.
Value merged(const Value& value, int axis) {
  const Value moved = move_axis(value, 0, axis);
  Dims shape = moved.shape();
  shape[axis] *= shape[axis + 1];
  shape.erase(axis + 1);
  return reshape(moved, shape);
}
/// The inverse.
Value parted(const Value& value, int axis, int64_t size) {
  Dims shape = value.shape();
  shape[axis] /= size;
  shape.insert(axis, size);
  return move_axis(reshape(value, shape), axis, 0);
}

/// Each example as groups of its own: images have the batch in their channels, weights in their
/// outputs.
struct Grouped {
  Value first;
  Value second;
  ConvParams params;
};
Grouped grouped(const Batch& batch, const ConvParams& params, int first_axis, int second_axis) {
  const auto whole = [&](size_t i) {
    return with_batch_axis(batch.inputs[i], batch.batched[i] != 0, batch.size);
  };
  ConvParams of = params;
  of.groups *= batch.size;
  return {merged(whole(0), first_axis), merged(whole(1), second_axis), of};
}

// conv(input, weight)

const ConvParams& conv_of(const Params& params) { return params.as<ConvParams>(); }

std::vector<Type> conv_infer(const Params& params, std::span<const Type> inputs) {
  return one(conv_type(inputs[0], inputs[1], conv_of(params)));
}

std::vector<Array> conv_run(const Params& params, std::span<const Array> inputs) {
  return one(conv(inputs[0], inputs[1], conv_of(params)));
}

Value conv_apply(const Value& input, const Value& weight, const Params& params) {
  return conv(input, weight, conv_of(params));
}

Values conv_vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& input = call.inputs[0];
  const Value& weight = call.inputs[1];
  const ConvParams& of = conv_of(call.params);
  Values out(2);
  if (wanted[0] != 0)
    out[0] = conv_input_gradient(cotangents[0], conjugate(weight), input.shape(), of);
  if (wanted[1] != 0)
    out[1] = conv_weight_gradient(conjugate(input), cotangents[0], weight.shape(), of);
  return out;
}

Values conv_batch(const Batch& batch) {
  const ConvParams& of = conv_of(batch.params);
  if (batch.batched[1] == 0)
    return one(parted(conv(merged(batch.inputs[0], 0), batch.inputs[1], of), 0, batch.size));
  const Grouped g = grouped(batch, of, 1, 0);
  return one(parted(conv(g.first, g.second, g.params), 1, batch.size));
}

// conv_input_gradient(gradient, weight)

const GradientParams& gradient_of(const Params& params) { return params.as<GradientParams>(); }

void check_gradient(const Type& expected, const Type& got, const char* function) {
  if (expected != got)
    throw ShapeError(message(function, ": expected a gradient of ", to_string(expected), ", got ",
                             to_string(got)));
}

std::vector<Type> input_infer(const Params& params, std::span<const Type> inputs) {
  const GradientParams& of = gradient_of(params);
  const Type out{inputs[0].element, of.shape, inputs[0].device};
  check_gradient(conv_type(out, inputs[1], of.conv, "conv_input_gradient"), inputs[0],
                 "conv_input_gradient");
  return one(out);
}

std::vector<Array> input_run(const Params& params, std::span<const Array> inputs) {
  const GradientParams& of = gradient_of(params);
  return one(conv_input_gradient(inputs[0], inputs[1], of.shape, of.conv));
}

Value input_apply(const Value& gradient, const Value& weight, const Params& params) {
  const GradientParams& of = gradient_of(params);
  return conv_input_gradient(gradient, weight, of.shape, of.conv);
}

Values input_vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& gradient = call.inputs[0];
  const Value& weight = call.inputs[1];
  const ConvParams& of = gradient_of(call.params).conv;
  Values out(2);
  if (wanted[0] != 0) out[0] = conv(cotangents[0], conjugate(weight), of);
  if (wanted[1] != 0)
    out[1] = conv_weight_gradient(cotangents[0], conjugate(gradient), weight.shape(), of);
  return out;
}

Values input_batch(const Batch& batch) {
  GradientParams of = gradient_of(batch.params);
  if (batch.batched[1] == 0) {
    of.shape[0] *= batch.size;
    return one(
        parted(conv_input_gradient(merged(batch.inputs[0], 0), batch.inputs[1], of.shape, of.conv),
               0, batch.size));
  }
  const Grouped g = grouped(batch, of.conv, 1, 0);
  of.shape[1] *= batch.size;
  return one(parted(conv_input_gradient(g.first, g.second, of.shape, g.params), 1, batch.size));
}

// conv_weight_gradient(input, gradient)

std::vector<Type> weight_infer(const Params& params, std::span<const Type> inputs) {
  const GradientParams& of = gradient_of(params);
  const Type out{inputs[0].element, of.shape, inputs[0].device};
  check_gradient(conv_type(inputs[0], out, of.conv, "conv_weight_gradient"), inputs[1],
                 "conv_weight_gradient");
  return one(out);
}

std::vector<Array> weight_run(const Params& params, std::span<const Array> inputs) {
  const GradientParams& of = gradient_of(params);
  return one(conv_weight_gradient(inputs[0], inputs[1], of.shape, of.conv));
}

Value weight_apply(const Value& input, const Value& gradient, const Params& params) {
  const GradientParams& of = gradient_of(params);
  return conv_weight_gradient(input, gradient, of.shape, of.conv);
}

Values weight_vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const Value& input = call.inputs[0];
  const Value& gradient = call.inputs[1];
  const ConvParams& of = gradient_of(call.params).conv;
  Values out(2);
  if (wanted[0] != 0)
    out[0] = conv_input_gradient(conjugate(gradient), cotangents[0], input.shape(), of);
  if (wanted[1] != 0) out[1] = conv(conjugate(input), cotangents[0], of);
  return out;
}

Values weight_batch(const Batch& batch) {
  GradientParams of = gradient_of(batch.params);
  const Grouped g = grouped(batch, of.conv, 1, 1);
  of.shape[0] *= batch.size;
  return one(parted(conv_weight_gradient(g.first, g.second, of.shape, g.params), 0, batch.size));
}

}  // namespace

const Primitive kConv = {"conv",   conv_infer, conv_run,    jvp<conv_apply>,
                         conv_vjp, conv_batch, keeps_inputs};
const Primitive kConvInputGradient = {"conv_input_gradient", input_infer, input_run,
                                      jvp<input_apply>,      input_vjp,   input_batch,
                                      keeps_inputs};
const Primitive kConvWeightGradient = {
    "conv_weight_gradient", weight_infer, weight_run, jvp<weight_apply>, weight_vjp,
    weight_batch,           keeps_inputs};

Value conv(const Value& input, const Value& weight, const ConvParams& params) {
  const Value inputs[] = {input, weight};
  return apply_one(kConv, Params(params), inputs);
}

Value conv_input_gradient(const Value& gradient, const Value& weight, const Dims& input_shape,
                          const ConvParams& params) {
  const Value inputs[] = {gradient, weight};
  return apply_one(kConvInputGradient, Params(GradientParams{params, input_shape}), inputs);
}

Value conv_weight_gradient(const Value& input, const Value& gradient, const Dims& weight_shape,
                           const ConvParams& params) {
  const Value inputs[] = {input, gradient};
  return apply_one(kConvWeightGradient, Params(GradientParams{params, weight_shape}), inputs);
}

}  // namespace cne::tensor
