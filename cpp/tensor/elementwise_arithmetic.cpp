#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_math.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

using B = uint8_t;

/// What the processor has instructions for.
template <typename T>
[[gnu::always_inline]] inline bool arithmetic(ElementOp op, const void* const* in, Sides sides,
                                              void* out, int64_t n) {
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
      each<T, B>(in, out, n, [](T a) { return static_cast<B>(is_negative(a)); });
      break;
    case ElementOp::kAdd:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return a + b; });
      break;
    case ElementOp::kSubtract:
      pairs_or_any_one<T, T>(in, sides, out, n, [](T a, T b) { return a - b; });
      break;
    case ElementOp::kMultiply:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return a * b; });
      break;
    case ElementOp::kDivide:
      pairs_or_any_one<T, T>(in, sides, out, n, [](T a, T b) { return a / b; });
      break;
    case ElementOp::kMaximum:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return float_maximum(a, b); });
      break;
    case ElementOp::kMinimum:
      pairs_or_one<T, T>(in, sides, out, n, [](T a, T b) { return float_minimum(a, b); });
      break;
    case ElementOp::kCopySign:
      pairs<T, T>(in, out, n, [](T a, T b) { return std::copysign(a, b); });
      break;
    case ElementOp::kEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a == b); });
      break;
    case ElementOp::kNotEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a != b); });
      break;
    case ElementOp::kLess:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a < b); });
      break;
    case ElementOp::kLessEqual:
      pairs_or_one<T, B>(in, sides, out, n, [](T a, T b) { return static_cast<B>(a <= b); });
      break;
    default:
      return false;
  }
  return true;
}

CNE_MULTIVERSION bool arithmetic_float32(ElementOp op, const void* const* in, Sides sides,
                                         void* out, int64_t n) {
  return arithmetic<float>(op, in, sides, out, n);
}
CNE_MULTIVERSION bool arithmetic_float64(ElementOp op, const void* const* in, Sides sides,
                                         void* out, int64_t n) {
  return arithmetic<double>(op, in, sides, out, n);
}

}  // namespace

bool run_arithmetic_tile(ElementOp op, Element element, const void* const* in, Sides sides,
                         void* out, int64_t n) {
  return element == Element::kFloat32 ? arithmetic_float32(op, in, sides, out, n)
                                      : arithmetic_float64(op, in, sides, out, n);
}

}  // namespace cne::tensor
