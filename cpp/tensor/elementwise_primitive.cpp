#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "tensor/select.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

/// x to the power of 2 is x * x, which is rounded once.
bool is_two(const Value& value) {
  if (value.is_traced() || value.rank() != 0 || !is_inexact(value.element())) return false;
  if (!value.type().device.is_cpu()) return false;
  const Array two = number(2, value.element());
  return std::memcmp(two.data(), value.array().data(), size_of(value.element())) == 0;
}

}  // namespace

const Params& elementwise_params(ElementOp op) {
  static const std::vector<Params> all = [] {
    std::vector<Params> out;
    for (int i = 0; i < kElementOps; ++i)
      out.emplace_back(ElementwiseParams{static_cast<ElementOp>(i)});
    return out;
  }();
  return all[static_cast<size_t>(op)];
}

namespace {

ElementOp op_of(const Params& params) { return params.as<ElementwiseParams>().op; }

Value unary(ElementOp op, const Value& x) { return elementwise(op, x); }

/// The derivative of an operation of one input; absent where it is 0.
Value slope(ElementOp op, const Value& x, const Value& y) {
  using Op = ElementOp;
  constexpr double kTwoOverRootPi = 2 * std::numbers::inv_sqrtpi;
  switch (op) {
    case Op::kSquare:
      return 2 * x;
    case Op::kSqrt:
      return 0.5 / y;
    case Op::kRsqrt:
      return -0.5 * (y / x);
    case Op::kExp:
      return y;
    case Op::kExpm1:
      return y + 1;
    case Op::kLog:
      return 1 / x;
    case Op::kLog1p:
      return 1 / (x + 1);
    case Op::kLog2:
      return std::numbers::log2e / x;
    case Op::kLog10:
      return std::numbers::log10e / x;
    case Op::kSin:
      return unary(Op::kCos, x);
    case Op::kCos:
      return -unary(Op::kSin, x);
    case Op::kTan:
      return 1 + y * y;
    case Op::kAsin:
      return 1 / unary(Op::kSqrt, 1 - x * x);
    case Op::kAcos:
      return -1.0 / unary(Op::kSqrt, 1 - x * x);
    case Op::kAtan:
      return 1 / (1 + x * x);
    case Op::kSinh:
      return unary(Op::kCosh, x);
    case Op::kCosh:
      return unary(Op::kSinh, x);
    case Op::kTanh:
      return 1 - y * y;
    case Op::kAsinh:
      return 1 / unary(Op::kSqrt, x * x + 1);
    case Op::kAcosh:  // not the root of x^2 - 1, which has another branch
      return 1 / (unary(Op::kSqrt, x - 1) * unary(Op::kSqrt, x + 1));
    case Op::kAtanh:
      return 1 / (1 - x * x);
    case Op::kSigmoid:
      return y * (1 - y);
    case Op::kErf:
      return kTwoOverRootPi * unary(Op::kExp, -(x * x));
    case Op::kErfc:
      return -kTwoOverRootPi * unary(Op::kExp, -(x * x));
    case Op::kErfinv:
      return (1 / kTwoOverRootPi) * unary(Op::kExp, y * y);
    case Op::kLgamma:
      return unary(Op::kDigamma, x);
    case Op::kDigamma:
      return elementwise(Op::kPolygamma, Value(number(1, x.element())), x);
    default:
      return {};
  }
}

/// x / |x|, and 0 at 0.
Value direction(const Value& x) { return elementwise(ElementOp::kSign, x); }

/// Those of one input whose derivative is no product with a slope.
Value unary_jvp(ElementOp op, const Value& x, const Value& y, const Value& tangent) {
  switch (op) {
    case ElementOp::kNegative:
    case ElementOp::kConj:
    case ElementOp::kReal:
    case ElementOp::kImag:
      return unary(op, tangent);
    case ElementOp::kAbs:
      return is_complex(x.element()) ? unary(ElementOp::kReal, tangent * conjugate(direction(x)))
                                     : tangent * direction(x);
    case ElementOp::kSign: {
      if (!is_complex(x.element())) return {};
      const Value size = cast(unary(ElementOp::kAbs, x), x.element());
      return (tangent - y * cast(unary(ElementOp::kReal, conjugate(y) * tangent), x.element())) /
             size;
    }
    default: {
      const Value factor = slope(op, x, y);
      return factor ? tangent * factor : Value();
    }
  }
}

Value unary_vjp(ElementOp op, const Value& x, const Value& y, const Value& cotangent) {
  switch (op) {
    case ElementOp::kNegative:
    case ElementOp::kConj:
      return unary(op, cotangent);
    case ElementOp::kReal:
      return cast(cotangent, x.element());
    case ElementOp::kImag: {
      const std::complex<double> i(0, 1);
      const Array unit = cast(Array::scalar(Element::kComplex128, &i), x.element());
      return cast(cotangent, x.element()) * Value(unit);
    }
    case ElementOp::kAbs:
      return cast(cotangent, x.element()) * direction(x);
    case ElementOp::kSign:
      return unary_jvp(op, x, y, cotangent);  // its Jacobian is symmetric
    default: {
      const Value factor = slope(op, x, y);
      return factor ? cotangent * conjugate(factor) : Value();
    }
  }
}

/// 1 where the first is chosen, 0.5 where both are equal, else 0.
Value share(ElementOp chosen, const Value& a, const Value& b) {
  const auto value = [&](double each) { return Value(number(each, a.element())); };
  return where(elementwise(chosen, a, b), value(1),
               where(elementwise(ElementOp::kEqual, a, b), value(0.5), value(0)));
}

/// hypot(a, b), and infinite in place of 0: what is divided by it is 0 there.
Value length(const Value& size) {
  const Value zero(number(0, size.element()));
  const Value infinite(number(std::numeric_limits<double>::infinity(), size.element()));
  return where(elementwise(ElementOp::kEqual, size, zero), infinite, size);
}

/// The derivative of y = a^b by b: y log a, and 0 of a = 0 where b is not negative.
Value slope_of_exponent(const Value& a, const Value& b, const Value& y) {
  using Op = ElementOp;
  const Value zero(number(0, a.element()));
  Value is_flat = elementwise(Op::kEqual, a, zero);
  if (!is_complex(a.element()))
    is_flat = elementwise(Op::kAnd, is_flat, elementwise(Op::kGreaterEqual, b, zero));
  return y * unary(Op::kLog, where(is_flat, Value(number(1, a.element())), a));
}

/// The derivative of log(e^a + e^b) by a, 1 / (1 + e^(b - a)); half of it where both are infinite.
Value share_of_exponential(const Value& a, const Value& b) {
  const Value zero(number(0, a.element()));
  return unary(ElementOp::kSigmoid, where(elementwise(ElementOp::kEqual, a, b), zero, a - b));
}

/// The derivative of an operation of two inputs by one of them; absent where it is 0.
Value slope_of_two(ElementOp op, int by, const Value& a, const Value& b, const Value& y) {
  using Op = ElementOp;
  switch (op) {
    case Op::kMultiply:
      return by == 0 ? b : a;
    case Op::kDivide:
      return by == 0 ? 1 / b : -(y / b);
    case Op::kRemainder:
      return by == 0 ? Value(number(1, a.element())) : -elementwise(Op::kFloorDivide, a, b);
    case Op::kPower: {
      const Value zero(number(0, a.element()));
      const Value one(number(1, a.element()));
      if (by == 0)  // b a^(b - 1), and 0 where b is
        return where(
            elementwise(Op::kEqual, b, zero), zero,
            b * elementwise(Op::kPower, a, where(elementwise(Op::kEqual, b, zero), one, b - one)));
      return slope_of_exponent(a, b, y);
    }
    case Op::kAtan2: {  // by the length twice, whose square may be too large or too small
      const Value size = length(elementwise(Op::kHypot, a, b));
      return by == 0 ? b / size / size : -(a / size / size);
    }
    case Op::kHypot:
      return (by == 0 ? a : b) / length(y);
    case Op::kCopySign:
      return by == 0 ? elementwise(Op::kCopySign, Value(number(1, a.element())), b) * direction(a)
                     : Value();
    case Op::kMaximum:
      return by == 0 ? share(Op::kGreater, a, b) : share(Op::kGreater, b, a);
    case Op::kMinimum:
      return by == 0 ? share(Op::kLess, a, b) : share(Op::kLess, b, a);
    case Op::kPolygamma:  // orders are whole numbers, which do not change
      return by == 0 ? Value() : elementwise(Op::kPolygamma, a + 1, b);
    case Op::kLogAddExp:
      return by == 0 ? share_of_exponential(a, b) : share_of_exponential(b, a);
    default:
      return {};
  }
}

Value binary_jvp(const Call& call, ElementOp op, ValueSpan tangents) {
  const Value& a = call.inputs[0];
  const Value& b = call.inputs[1];
  const Value& y = call.outputs[0];
  Value sum;
  for (int by = 0; by < 2; ++by) {
    const Value& tangent = tangents[static_cast<size_t>(by)];
    if (!tangent) continue;
    Value part;
    if (op == ElementOp::kAdd || (op == ElementOp::kSubtract && by == 0))
      part = broadcast_to(tangent, y.shape());
    else if (op == ElementOp::kSubtract)
      part = broadcast_to(-tangent, y.shape());
    else if (const Value factor = slope_of_two(op, by, a, b, y); factor)
      part = broadcast_to(tangent * factor, y.shape());
    if (part) sum = sum ? sum + part : part;
  }
  return sum;
}

Value binary_vjp(const Call& call, ElementOp op, int by, const Value& cotangent) {
  const Value& a = call.inputs[0];
  const Value& b = call.inputs[1];
  const Dims& shape = (by == 0 ? a : b).shape();
  if (op == ElementOp::kAdd || (op == ElementOp::kSubtract && by == 0))
    return sum_to(cotangent, shape);
  if (op == ElementOp::kSubtract) return -sum_to(cotangent, shape);
  if (op == ElementOp::kDivide && by == 0) return sum_to(cotangent / conjugate(b), shape);
  const Value factor = slope_of_two(op, by, a, b, call.outputs[0]);
  return factor ? sum_to(cotangent * conjugate(factor), shape) : Value();
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const ElementOp op = op_of(params);
  check_element_op(op, inputs);
  Dims shape = inputs[0].shape;
  if (inputs.size() == 2) shape = broadcast_shapes(shape, inputs[1].shape, name_of(op));
  return one(Type{result_of(op, inputs[0].element), shape, inputs[0].device});
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const ElementOp op = op_of(params);
  return one(inputs.size() == 1 ? elementwise(op, inputs[0])
                                : elementwise(op, inputs[0], inputs[1]));
}

Values jvp(const Call& call, ValueSpan tangents) {
  const ElementOp op = op_of(call.params);
  if (call.inputs.size() == 2) return one(binary_jvp(call, op, tangents));
  return one(tangents[0] ? unary_jvp(op, call.inputs[0], call.outputs[0], tangents[0]) : Value());
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const ElementOp op = op_of(call.params);
  if (call.inputs.size() == 1)
    return one(unary_vjp(op, call.inputs[0], call.outputs[0], cotangents[0]));
  Values out(2);
  for (int by = 0; by < 2; ++by)
    if (wanted[static_cast<size_t>(by)] != 0)
      out[static_cast<size_t>(by)] = binary_vjp(call, op, by, cotangents[0]);
  return out;
}

Values batch(const Batch& batch) {
  int rank = 0;
  for (size_t i = 0; i < batch.inputs.size(); ++i)
    rank = std::max(rank, batch.inputs[i].rank() - batch.batched[i]);
  Values inputs;
  for (size_t i = 0; i < batch.inputs.size(); ++i)
    inputs.push_back(with_rank(batch.inputs[i], batch.batched[i] != 0, rank));
  return apply(kElementwise, batch.params, inputs);
}

Keeps keeps(const Params& params) {
  switch (op_of(params)) {
    case ElementOp::kNegative:
    case ElementOp::kConj:
    case ElementOp::kReal:
    case ElementOp::kImag:
    case ElementOp::kAdd:
    case ElementOp::kSubtract:
      return kKeepNothing;
    case ElementOp::kSqrt:
    case ElementOp::kExp:
    case ElementOp::kExpm1:
    case ElementOp::kTan:
    case ElementOp::kTanh:
    case ElementOp::kSigmoid:
      return kKeepOutputs;
    case ElementOp::kMultiply:
    case ElementOp::kSquare:
    case ElementOp::kAbs:
    case ElementOp::kLog:
    case ElementOp::kSin:
    case ElementOp::kCos:
    case ElementOp::kMaximum:
    case ElementOp::kMinimum:
    case ElementOp::kLogAddExp:
    case ElementOp::kErf:
      return kKeepInputs;
    default:
      return kKeepBoth;
  }
}

// Casts. The derivative is that of the number, so between floats and complex numbers only.

std::vector<Type> infer_cast(const Params& params, std::span<const Type> inputs) {
  return one(Type{params.as<CastParams>().element, inputs[0].shape, inputs[0].device});
}

std::vector<Array> run_cast(const Params& params, std::span<const Array> inputs) {
  return one(cast(inputs[0], params.as<CastParams>().element));
}

Value derivative_as(const Value& derivative, Element element) {
  if (!derivative || !is_inexact(element)) return {};
  return cast(derivative, element);
}

Values jvp_cast(const Call& call, ValueSpan tangents) {
  return one(derivative_as(tangents[0], call.params.as<CastParams>().element));
}

Values vjp_cast(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  return one(derivative_as(cotangents[0], call.inputs[0].element()));
}

Values batch_cast(const Batch& batch) { return apply(kCast, batch.params, batch.inputs); }

}  // namespace

const Primitive kElementwise = {
    "elementwise", infer,   run,
    jvp,           vjp,     batch,
    keeps,         nullptr, [](const Params& params) { return name_of(op_of(params)); }};
const Primitive kCast = {
    "cast", infer_cast, run_cast, jvp_cast, vjp_cast, batch_cast, [](const Params&) {
      return kKeepNothing;
    }};

Value elementwise(ElementOp op, const Value& a) {
  if (!a.is_traced() && !debug_nans()) return elementwise(op, a.array());
  const Value inputs[] = {a};
  return apply_one(kElementwise, elementwise_params(op), inputs);
}

Value elementwise(ElementOp op, const Value& a, const Value& b) {
  if (op == ElementOp::kPower && is_two(b) && a.element() == b.element())
    return elementwise(ElementOp::kSquare, a);
  if (!a.is_traced() && !b.is_traced() && !debug_nans())
    return elementwise(op, a.array(), b.array());
  const Value inputs[] = {a, b};
  return apply_one(kElementwise, elementwise_params(op), inputs);
}

Value cast(const Value& value, Element element) {
  if (value.element() == element) return value;
  if (!value.is_traced()) return cast(value.array(), element);
  const Value inputs[] = {value};
  return apply_one(kCast, Params(CastParams{element}), inputs);
}

}  // namespace cne::tensor
