#pragma once

#include "tensor/elementwise.h"
#include "tensor/reduce.h"
#include "tensor/view.h"

namespace cne::tensor {

// What derivative and batching rules are written with.

inline Value operator+(const Value& a, const Value& b) {
  return elementwise(ElementOp::kAdd, a, b);
}
inline Value operator-(const Value& a, const Value& b) {
  return elementwise(ElementOp::kSubtract, a, b);
}
inline Value operator*(const Value& a, const Value& b) {
  return elementwise(ElementOp::kMultiply, a, b);
}
inline Value operator/(const Value& a, const Value& b) {
  return elementwise(ElementOp::kDivide, a, b);
}
inline Value operator-(const Value& a) { return elementwise(ElementOp::kNegative, a); }

/// One number without axes.
Array number(double value, Element element);
inline Value operator+(const Value& a, double b) { return a + Value(number(b, a.element())); }
inline Value operator-(const Value& a, double b) { return a - Value(number(b, a.element())); }
inline Value operator*(const Value& a, double b) { return a * Value(number(b, a.element())); }
inline Value operator+(double a, const Value& b) { return Value(number(a, b.element())) + b; }
inline Value operator-(double a, const Value& b) { return Value(number(a, b.element())) - b; }
inline Value operator*(double a, const Value& b) { return Value(number(a, b.element())) * b; }
inline Value operator/(double a, const Value& b) { return Value(number(a, b.element())) / b; }

/// All elements the same, which takes no memory; on the device of the type.
Array filled(double value, const Type& type);
/// The value, or zeros where it is absent.
Value or_zeros(const Value& value, const Type& type);

/// The complex conjugate; others as they are.
Value conjugate(const Value& value);
/// Summed over what broadcasting to its shape has repeated of `shape`.
Value sum_to(const Value& value, const Dims& shape);

/// The results of a rule that stands for each of a batch: every input with the axis of the batch in
/// front, repeated where it is not batched.
Value with_batch_axis(const Value& value, bool is_batched, int64_t size);
/// A batched value with axes of the extent 1 behind the first so that each example has `rank`.
Value with_rank(const Value& value, bool is_batched, int rank);

}  // namespace cne::tensor
