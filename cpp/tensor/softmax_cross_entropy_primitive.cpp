#include <limits>

#include "tensor/iota.h"
#include "tensor/select.h"
#include "tensor/softmax_cross_entropy.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return softmax_cross_entropy_types(inputs[0], inputs[1]);
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  const CrossEntropy out = softmax_cross_entropy(inputs[0], inputs[1]);
  return {out.losses, out.log_sums};
}

/// What derivatives are made of, in the type of the sums of logarithms.
struct Parts {
  Element computed;
  Value softmax;   // (..., classes)
  Value hit;       // (..., classes): 1 at the label
  Value is_class;  // (...)
};

Parts parts_of(const Call& call) {
  const Value& logits = call.inputs[0];
  const int64_t classes = logits.shape().back();
  const Element computed = call.outputs[1].element();
  const Value log_sums = expand_dims(call.outputs[1], {-1});
  const Value softmax = elementwise(ElementOp::kExp, cast(logits, computed) - log_sums);
  // Whether a label is a class is asked before it is cut to the type of the numbers of classes.
  const Value label = cast(call.inputs[1], Element::kInt64);
  const Value low = number(0, Element::kInt64);
  const Value high = number(static_cast<double>(classes), Element::kInt64);
  const Value is_class =
      elementwise(ElementOp::kAnd, elementwise(ElementOp::kLessEqual, low, label),
                  elementwise(ElementOp::kLess, label, high));
  const Element narrow =
      classes <= std::numeric_limits<int32_t>::max() ? Element::kInt32 : Element::kInt64;
  const Value place = cast(where(is_class, label, Value(number(-1, Element::kInt64))), narrow);
  const Value numbers = iota({narrow, {classes}, logits.type().device}, 0);
  const Value hit = elementwise(ElementOp::kEqual, expand_dims(place, {-1}), numbers);
  return {computed, softmax, cast(hit, computed), is_class};
}

/// A value by row where the label is a class, else 0.
Value of_classes(const Parts& parts, const Value& rows) {
  return where(parts.is_class, rows, Value(number(0, rows.element())));
}

Values jvp(const Call& call, ValueSpan tangents) {
  if (!tangents[0]) return Values(2);
  const Parts parts = parts_of(call);
  const Value change = cast(tangents[0], parts.computed);
  const Dims last = {change.rank() - 1};
  const Value losses = reduce(ReduceOp::kSum, (parts.softmax - parts.hit) * change, last, false);
  const Value log_sums = reduce(ReduceOp::kSum, parts.softmax * change, last, false);
  return {cast(of_classes(parts, losses), call.outputs[0].element()), log_sums};
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Parts parts = parts_of(call);
  Value slope;
  if (cotangents[0]) {
    const Value rows = of_classes(parts, cast(cotangents[0], parts.computed));
    slope = (parts.softmax - parts.hit) * expand_dims(rows, {-1});
  }
  if (cotangents[1]) {
    const Value more = parts.softmax * expand_dims(cotangents[1], {-1});
    slope = slope ? slope + more : more;
  }
  return {slope ? cast(slope, call.inputs[0].element()) : Value(), Value()};
}

Values batch(const Batch& batch) {
  return softmax_cross_entropy(with_batch_axis(batch.inputs[0], batch.batched[0] != 0, batch.size),
                               with_batch_axis(batch.inputs[1], batch.batched[1] != 0, batch.size));
}

}  // namespace

const Primitive kSoftmaxCrossEntropy = {"softmax_cross_entropy", infer, run, jvp, vjp, batch};

Values softmax_cross_entropy(const Value& logits, const Value& labels) {
  const Value inputs[] = {logits, labels};
  return apply(kSoftmaxCrossEntropy, Params(), inputs);
}

}  // namespace cne::tensor
