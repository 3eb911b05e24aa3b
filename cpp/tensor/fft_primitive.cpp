#include "tensor/cuda_run.h"
#include "tensor/fft.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  return one(fft_type(params.as<FftParams>(), inputs[0]));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(fft(params.as<FftParams>(), inputs[0]));
}

/// It is linear.
Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0]) return one(Value());
  return one(fft(call.params.as<FftParams>(), tangents[0]));
}

/// Of half a spectrum: the first element, and with an even length the last, have `edge` where the
/// others, which stand for two, have `inside`.
Value weights(const FftParams& of, const Type& half, double edge, double inside) {
  const auto axis = static_cast<int>(of.axis);
  const int64_t extent = of.length / 2 + 1;
  Array line = Array::empty({real_of(half.element), {extent}, {}});
  for (int64_t k = 0; k < extent; ++k) {
    const bool is_edge = k == 0 || (of.length % 2 == 0 && k == extent - 1);
    const double weight = is_edge ? edge : inside;
    if (line.element() == Element::kFloat32)
      line.mutable_as<float>()[k] = static_cast<float>(weight);
    else
      line.mutable_as<double>()[k] = weight;
  }
  Dims shape = Dims::filled(half.shape.size(), 1);
  shape[axis] = extent;
  return cast(Value(to_device(reshape(line, shape), half.device)), half.element);
}

/// The transform of the conjugate transpose.
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  FftParams of = call.params.as<FftParams>();
  const Value& cotangent = cotangents[0];
  switch (of.kind) {
    case FftKind::kForward:
      of.kind = FftKind::kBackward;
      return one(fft(of, cotangent));
    case FftKind::kBackward:
      of.kind = FftKind::kForward;
      return one(fft(of, cotangent));
    case FftKind::kToHalf:
      // The half alone counts; kFromHalf takes each of it but the edges twice.
      of.kind = FftKind::kFromHalf;
      return one(fft(of, cotangent * weights(of, cotangent.type(), 1, 0.5)));
    case FftKind::kFromHalf:
      of.kind = FftKind::kToHalf;
      return one(fft(of, cotangent) * weights(of, call.inputs[0].type(), 1, 2));
  }
  return {};
}

Values batch(const Batch& batch) {
  FftParams of = batch.params.as<FftParams>();
  ++of.axis;
  return one(fft(of, batch.inputs[0]));
}

}  // namespace

const Primitive kFft = {
    "fft", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepNothing; }};

Value fft(const FftParams& params, const Value& x) {
  if (!x.is_traced() && !is_on_device(x.array()) && !debug_nans()) return fft(params, x.array());
  const Value inputs[] = {x};
  return apply_one(kFft, Params(params), inputs);
}

}  // namespace cne::tensor
