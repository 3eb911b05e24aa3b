#pragma once

#include "tensor/float_math.h"

namespace cne::tensor {

// Division with a rest, as Python's // and % of finite numbers.

/// a / b cut off towards 0, and a less b times that, exactly.
struct Quotient {
  double whole;
  double rest;
};

/// Where the quotient has at most 52 bits, which is_plain_quotient tells.
[[gnu::always_inline]] inline bool is_plain_quotient(double a, double b) {
  return (std::abs(a) < 0x1p52 * std::abs(b)) & (std::abs(b) < FloatFormat<double>::kInfinity);
}
[[gnu::always_inline]] inline Quotient plain_quotient(double a, double b) {
  const double whole = std::trunc(a / b);
  const double rest = std::fma(-whole, b, a);
  // A quotient that was rounded up to the next number leaves a rest of the other sign.
  const bool is_over = differ_in_sign(rest, a) & (rest != 0);
  const double one = with_sign_of(1.0, a) * with_sign_of(1.0, b);
  return {is_over ? whole - one : whole, is_over ? rest + with_sign_of(b, a) : rest};
}

template <typename T>
[[gnu::always_inline]] inline T plain_remainder(T a, T b) {
  const double divisor = b;
  const double rest = plain_quotient(a, divisor).rest;
  const bool is_other_sign = differ_in_sign(rest, divisor);
  const T sum = static_cast<T>(rest) + (is_other_sign ? b : T{0});
  return rest == 0 ? with_sign_of(T{0}, b) : sum;
}
template <typename T>
[[gnu::always_inline]] inline T plain_floor_divide(T a, T b) {
  const Quotient quotient = plain_quotient(a, b);
  const double divisor = b;
  const bool is_other_sign =
      differ_in_sign(quotient.rest, divisor) & (magnitude_bits(quotient.rest) > 0);
  const double whole = quotient.whole - (is_other_sign ? 1.0 : 0.0);
  // 0 has the sign of the quotient too.
  return with_sign_of(static_cast<T>(whole), with_sign_times(a, b));
}

/// Of any floats, by the C library's exact fmod.
template <typename T>
T any_remainder(T a, T b) {
  const T rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(T{0}, b);
  return (rest < 0) != (b < 0) ? rest + b : rest;
}
template <typename T>
T any_floor_divide(T a, T b) {
  // The standard's first choice, where Python has NaN for infinity // 2 and -1 for 2 // -infinity.
  if (b == 0 || !std::isfinite(a) || !std::isfinite(b)) return a / b;
  const T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T whole = std::floor(quotient);
  return quotient - whole > T{0.5} ? whole + 1 : whole;
}

}  // namespace cne::tensor
