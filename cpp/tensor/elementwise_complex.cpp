#include <cassert>
#include <complex>

#include "tensor/complex_math.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_math.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

template <typename T>
void complex_tile(ElementOp op, const void* const* in, Sides sides, void* out, int64_t n) {
  using Z = std::complex<T>;
  using B = uint8_t;
  switch (op) {
    case ElementOp::kNegative:
      return each<Z, Z>(in, out, n, [](Z a) { return -a; });
    case ElementOp::kAbs:
      return each<Z, T>(in, out, n, [](Z a) { return std::abs(a); });
    case ElementOp::kSign:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_sign(a); });
    case ElementOp::kSquare:
      return each<Z, Z>(in, out, n, [](Z a) { return a * a; });
    case ElementOp::kSqrt:
      return each<Z, Z>(in, out, n, [](Z a) { return std::sqrt(a); });
    case ElementOp::kExp:
      return each<Z, Z>(in, out, n, [](Z a) { return std::exp(a); });
    case ElementOp::kExpm1:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_expm1(a); });
    case ElementOp::kLog:
      return each<Z, Z>(in, out, n, [](Z a) { return std::log(a); });
    case ElementOp::kLog1p:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_log1p(a); });
    case ElementOp::kLog2:
      return each<Z, Z>(in, out, n, [](Z a) { return std::log(a) / std::log(T{2}); });
    case ElementOp::kLog10:
      return each<Z, Z>(in, out, n, [](Z a) { return std::log10(a); });
    case ElementOp::kSin:
      return each<Z, Z>(in, out, n, [](Z a) { return std::sin(a); });
    case ElementOp::kCos:
      return each<Z, Z>(in, out, n, [](Z a) { return std::cos(a); });
    case ElementOp::kTan:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_tan(a); });
    case ElementOp::kAsin:
      return each<Z, Z>(in, out, n, [](Z a) { return std::asin(a); });
    case ElementOp::kAcos:
      return each<Z, Z>(in, out, n, [](Z a) { return std::acos(a); });
    case ElementOp::kAtan:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_atan(a); });
    case ElementOp::kSinh:
      return each<Z, Z>(in, out, n, [](Z a) { return std::sinh(a); });
    case ElementOp::kCosh:
      return each<Z, Z>(in, out, n, [](Z a) { return std::cosh(a); });
    case ElementOp::kTanh:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_tanh(a); });
    case ElementOp::kAsinh:
      return each<Z, Z>(in, out, n, [](Z a) { return std::asinh(a); });
    case ElementOp::kAcosh:
      return each<Z, Z>(in, out, n, [](Z a) { return std::acosh(a); });
    case ElementOp::kAtanh:
      return each<Z, Z>(in, out, n, [](Z a) { return complex_atanh(a); });
    case ElementOp::kRound:
      return each<Z, Z>(in, out, n,
                        [](Z a) { return Z{std::rint(a.real()), std::rint(a.imag())}; });
    case ElementOp::kConj:
      return each<Z, Z>(in, out, n, [](Z a) { return std::conj(a); });
    case ElementOp::kReal:
      return each<Z, T>(in, out, n, [](Z a) { return a.real(); });
    case ElementOp::kImag:
      return each<Z, T>(in, out, n, [](Z a) { return a.imag(); });
    case ElementOp::kIsNan:
      return each<Z, B>(in, out, n, [](Z a) {
        return static_cast<B>(std::isnan(a.real()) || std::isnan(a.imag()));
      });
    case ElementOp::kIsInf:
      return each<Z, B>(in, out, n, [](Z a) {
        return static_cast<B>(std::isinf(a.real()) || std::isinf(a.imag()));
      });
    case ElementOp::kIsFinite:
      return each<Z, B>(in, out, n, [](Z a) {
        return static_cast<B>(std::isfinite(a.real()) && std::isfinite(a.imag()));
      });
    case ElementOp::kAdd:
      return pairs_or_one<Z, Z>(in, sides, out, n, [](Z a, Z b) { return a + b; });
    case ElementOp::kSubtract:
      return pairs_or_any_one<Z, Z>(in, sides, out, n, [](Z a, Z b) { return a - b; });
    case ElementOp::kMultiply:
      return pairs_or_one<Z, Z>(in, sides, out, n, [](Z a, Z b) { return a * b; });
    case ElementOp::kDivide:
      return pairs_or_any_one<Z, Z>(in, sides, out, n, [](Z a, Z b) { return a / b; });
    case ElementOp::kPower:
      return pairs<Z, Z>(in, out, n, [](Z a, Z b) {
        if (b == Z{}) return Z{1};
        return std::pow(a, b);
      });
    case ElementOp::kEqual:
      return pairs_or_one<Z, B>(in, sides, out, n, [](Z a, Z b) { return static_cast<B>(a == b); });
    case ElementOp::kNotEqual:
      return pairs_or_one<Z, B>(in, sides, out, n, [](Z a, Z b) { return static_cast<B>(a != b); });
    default:
      assert(false);  // `takes` said no
  }
}

}  // namespace

void run_complex_tile(ElementOp op, Element element, const void* const* in, Sides sides, void* out,
                      int64_t n) {
  if (element == Element::kComplex64)
    complex_tile<float>(op, in, sides, out, n);
  else
    complex_tile<double>(op, in, sides, out, n);
}

}  // namespace cne::tensor
