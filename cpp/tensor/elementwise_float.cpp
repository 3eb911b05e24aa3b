#include <cassert>

#include "tensor/digamma.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_math.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

using B = uint8_t;

/// What the processor has instructions for.
template <typename T>
[[gnu::always_inline]] inline bool simple(ElementOp op, const void* const* in, void* out,
                                          int64_t n) {
  switch (op) {
    case ElementOp::kNegative:
      each<T, T>(in, out, n, [](T a) { return -a; });
      break;
    case ElementOp::kAbs:
      each<T, T>(in, out, n, [](T a) { return std::abs(a); });
      break;
    case ElementOp::kSign:
      each<T, T>(in, out, n, [](T a) { return float_sign(a); });
      break;
    case ElementOp::kSquare:
      each<T, T>(in, out, n, [](T a) { return a * a; });
      break;
    case ElementOp::kSqrt:
      each<T, T>(in, out, n, [](T a) { return std::sqrt(a); });
      break;
    case ElementOp::kRsqrt:
      each<T, T>(in, out, n, [](T a) { return 1 / std::sqrt(a); });
      break;
    case ElementOp::kFloor:
      each<T, T>(in, out, n, [](T a) { return std::floor(a); });
      break;
    case ElementOp::kCeil:
      each<T, T>(in, out, n, [](T a) { return std::ceil(a); });
      break;
    case ElementOp::kTrunc:
      each<T, T>(in, out, n, [](T a) { return std::trunc(a); });
      break;
    case ElementOp::kRound:
      each<T, T>(in, out, n, [](T a) { return std::rint(a); });  // ties to even
      break;
    case ElementOp::kConj:
    case ElementOp::kReal:
      each<T, T>(in, out, n, [](T a) { return a; });
      break;
    case ElementOp::kIsNan:
      each<T, B>(in, out, n, [](T a) { return static_cast<B>(a != a); });
      break;
    case ElementOp::kIsInf:
      each<T, B>(in, out, n, [](T a) {
        return static_cast<B>(std::abs(a) == std::numeric_limits<T>::infinity());
      });
      break;
    case ElementOp::kIsFinite:
      each<T, B>(in, out, n, [](T a) {
        return static_cast<B>(std::abs(a) < std::numeric_limits<T>::infinity());
      });
      break;
    case ElementOp::kSignBit:
      each<T, B>(in, out, n, [](T a) { return static_cast<B>(std::signbit(a)); });
      break;
    case ElementOp::kAdd:
      pairs<T, T>(in, out, n, [](T a, T b) { return a + b; });
      break;
    case ElementOp::kSubtract:
      pairs<T, T>(in, out, n, [](T a, T b) { return a - b; });
      break;
    case ElementOp::kMultiply:
      pairs<T, T>(in, out, n, [](T a, T b) { return a * b; });
      break;
    case ElementOp::kDivide:
      pairs<T, T>(in, out, n, [](T a, T b) { return a / b; });
      break;
    case ElementOp::kMaximum:
      pairs<T, T>(in, out, n, [](T a, T b) { return float_maximum(a, b); });
      break;
    case ElementOp::kMinimum:
      pairs<T, T>(in, out, n, [](T a, T b) { return float_minimum(a, b); });
      break;
    case ElementOp::kCopySign:
      pairs<T, T>(in, out, n, [](T a, T b) { return std::copysign(a, b); });
      break;
    case ElementOp::kEqual:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a == b); });
      break;
    case ElementOp::kNotEqual:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a != b); });
      break;
    case ElementOp::kLess:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a < b); });
      break;
    case ElementOp::kLessEqual:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a <= b); });
      break;
    case ElementOp::kGreater:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a > b); });
      break;
    case ElementOp::kGreaterEqual:
      pairs<T, B>(in, out, n, [](T a, T b) { return static_cast<B>(a >= b); });
      break;
    default:
      return false;
  }
  return true;
}

/// What a function of the C library computes.
template <typename T>
void transcendental(ElementOp op, const void* const* in, void* out, int64_t n) {
  switch (op) {
    case ElementOp::kExp:
      return each<T, T>(in, out, n, [](T a) { return std::exp(a); });
    case ElementOp::kExpm1:
      return each<T, T>(in, out, n, [](T a) { return std::expm1(a); });
    case ElementOp::kLog:
      return each<T, T>(in, out, n, [](T a) { return std::log(a); });
    case ElementOp::kLog1p:
      return each<T, T>(in, out, n, [](T a) { return std::log1p(a); });
    case ElementOp::kLog2:
      return each<T, T>(in, out, n, [](T a) { return std::log2(a); });
    case ElementOp::kLog10:
      return each<T, T>(in, out, n, [](T a) { return std::log10(a); });
    case ElementOp::kSin:
      return each<T, T>(in, out, n, [](T a) { return std::sin(a); });
    case ElementOp::kCos:
      return each<T, T>(in, out, n, [](T a) { return std::cos(a); });
    case ElementOp::kTan:
      return each<T, T>(in, out, n, [](T a) { return std::tan(a); });
    case ElementOp::kAsin:
      return each<T, T>(in, out, n, [](T a) { return std::asin(a); });
    case ElementOp::kAcos:
      return each<T, T>(in, out, n, [](T a) { return std::acos(a); });
    case ElementOp::kAtan:
      return each<T, T>(in, out, n, [](T a) { return std::atan(a); });
    case ElementOp::kSinh:
      return each<T, T>(in, out, n, [](T a) { return std::sinh(a); });
    case ElementOp::kCosh:
      return each<T, T>(in, out, n, [](T a) { return std::cosh(a); });
    case ElementOp::kTanh:
      return each<T, T>(in, out, n, [](T a) { return std::tanh(a); });
    case ElementOp::kAsinh:
      return each<T, T>(in, out, n, [](T a) { return std::asinh(a); });
    case ElementOp::kAcosh:
      return each<T, T>(in, out, n, [](T a) { return std::acosh(a); });
    case ElementOp::kAtanh:
      return each<T, T>(in, out, n, [](T a) { return std::atanh(a); });
    case ElementOp::kSigmoid:
      return each<T, T>(in, out, n, [](T a) { return sigmoid(a); });
    case ElementOp::kErf:
      return each<T, T>(in, out, n, [](T a) { return std::erf(a); });
    case ElementOp::kErfc:
      return each<T, T>(in, out, n, [](T a) { return std::erfc(a); });
    case ElementOp::kLgamma:
      return each<T, T>(in, out, n, [](T a) {
        int sign = 0;  // lgamma itself writes a global one
        if constexpr (std::is_same_v<T, float>)
          return lgammaf_r(a, &sign);
        else
          return lgamma_r(a, &sign);
      });
    case ElementOp::kDigamma:
      return each<T, T>(in, out, n, [](T a) { return static_cast<T>(digamma(a)); });
    case ElementOp::kFloorDivide:
      return pairs<T, T>(in, out, n, [](T a, T b) { return float_floor_divide(a, b); });
    case ElementOp::kRemainder:
      return pairs<T, T>(in, out, n, [](T a, T b) { return float_remainder(a, b); });
    case ElementOp::kPower:
      return pairs<T, T>(in, out, n, [](T a, T b) { return std::pow(a, b); });
    case ElementOp::kAtan2:
      return pairs<T, T>(in, out, n, [](T a, T b) { return std::atan2(a, b); });
    case ElementOp::kHypot:
      return pairs<T, T>(in, out, n, [](T a, T b) { return std::hypot(a, b); });
    case ElementOp::kNextAfter:
      return pairs<T, T>(in, out, n, [](T a, T b) { return std::nextafter(a, b); });
    case ElementOp::kLogAddExp:
      return pairs<T, T>(in, out, n, [](T a, T b) { return log_add_exp(a, b); });
    default:
      assert(false);  // `takes` said no
  }
}

CNE_MULTIVERSION bool simple_float32(ElementOp op, const void* const* in, void* out, int64_t n) {
  return simple<float>(op, in, out, n);
}
CNE_MULTIVERSION bool simple_float64(ElementOp op, const void* const* in, void* out, int64_t n) {
  return simple<double>(op, in, out, n);
}

}  // namespace

void run_float_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  if (element == Element::kFloat32) {
    if (!simple_float32(op, in, out, n)) transcendental<float>(op, in, out, n);
  } else {
    if (!simple_float64(op, in, out, n)) transcendental<double>(op, in, out, n);
  }
}

}  // namespace cne::tensor
