#pragma once

#include "tensor/exp_math.h"
#include "tensor/log_math.h"

namespace cne::tensor {

// Powers, and what else takes two floats.

/// log(x) of a positive number as a pair, error 2^-65 of it: of 1 + f = (1 + s) / (1 - s) it is
/// s (2 + s^2 (2/3 + s^2 R(s^2))), the first terms as pairs.
[[gnu::always_inline]] inline Pair<double> log_pair(double x) {
  const LogParts<double> parts = log_parts_of_any(x);
  const double f = parts.f;
  const Pair<double> below = ordered_sum(2.0, f);
  const double inverse = 1 / below.high;
  const double s = f * inverse;
  const double s_low = (std::fma(-s, below.high, f) - s * below.low) * inverse;
  Pair<double> z = exact_product(s, s);
  z.low += 2 * s * s_low;
  const double r = polynomial<double>(
      z.high, 0x1.9999999999b3p-2, 0x1.2492492457d79p-2, 0x1.c71c722d62d8ap-3, 0x1.745ce9e4d08a8p-3,
      0x1.3b1eebbf5af12p-3, 0x1.0f7ff11574706p-3, 0x1.0e42626c9b3d7p-3);
  const Pair<double> q =
      ordered_sum(0x1.5555555555555p-1, std::fma(z.high, r, 0x1.5555555555555p-55));
  Pair<double> t = exact_product(z.high, q.high);
  t.low += std::fma(z.high, q.low, z.low * q.high);
  Pair<double> u = ordered_sum(2.0, t.high);
  u.low += t.low;
  Pair<double> product = exact_product(s, u.high);
  product.low += std::fma(s, u.low, s_low * u.high);
  // e times the first part of log(2) is exact.
  const Pair<double> sum = exact_sum(parts.e * 0x1.62e42fefa38p-1, product.high);
  return {sum.high, sum.low + std::fma(parts.e, 0x1.ef35793c7673p-45, product.low)};
}

/// The power of |x|, with the sign and the special cases of x^y.
[[gnu::always_inline]] inline double power_or_special(double x, double y, double result) {
  using F = FloatFormat<double>;
  const double a = std::abs(x);
  const double half = 0.5 * y;
  const bool is_whole = std::trunc(y) == y;
  const bool is_odd = is_whole & (std::trunc(half) != half);
  const bool is_edge = (a == 0) | (a == F::kInfinity) | (std::abs(y) == F::kInfinity);
  // At an edge it is 0, 1 or infinity.
  const double above = y > 0 ? F::kInfinity : 0;
  const double below = y > 0 ? 0 : F::kInfinity;
  const double edge = a == 1 ? 1 : a > 1 ? above : below;
  const double magnitude = is_edge ? edge : result;
  const double with_sign = is_odd ? with_sign_of(magnitude, x) : magnitude;
  const bool is_real = is_whole | (x >= 0) | (a == F::kInfinity);
  const double real = is_real ? with_sign : F::kNan;
  const double number = (x != x) | (y != y) ? F::kNan : real;
  return (y == 0) | (x == 1) ? 1.0 : number;
}

[[gnu::always_inline]] inline double power_of(double x, double y) {
  const Pair<double> log = log_pair(std::abs(x));
  const double high = y * log.high;
  const bool is_out = !(std::abs(high) < 800);
  // exp(high + low) by parts: what r was rounded by is of no account beside low.
  const double bounded = is_out ? (high > 0 ? 800.0 : -800.0) : high;
  const double low = is_out ? 0.0 : std::fma(y, log.high, -high) + y * log.low;
  const ExpParts<double> parts = exp_parts(bounded);
  const double result = scaled(exp_fraction(parts.r + low) + 1, parts.k);
  return power_or_special(x, y, result);
}
/// Of float32: float64 has the digits without pairs.
[[gnu::always_inline]] inline float power_of(float x, float y) {
  const double log = any_log(std::abs(static_cast<double>(x)));
  const double product = y * log;
  const double exponent = product > 200 ? 200 : product < -200 ? -200 : product;
  return static_cast<float>(power_or_special(x, y, plain_exp(exponent)));
}

/// x^3 within one and a half units of the last place.
template <typename T>
[[gnu::always_inline]] inline T cube(T x) {
  return x * x * x;
}
/// x^0.5, which of -0 is 0 and of -infinity infinity.
template <typename T>
[[gnu::always_inline]] inline T root_power(T x) {
  const T root = std::sqrt(x) + T{0};
  return std::abs(x) == FloatFormat<T>::kInfinity ? FloatFormat<T>::kInfinity : root;
}

template <typename T>
[[gnu::always_inline]] inline T any_power(T x, T y) {
  const T power = power_of(x, y);
  const T root = y == T{0.5} ? root_power(x) : power;
  return y == T{3} ? cube(x) : root;
}

/// sqrt(a^2 + b^2) without overflow on the way; infinite where one is, also beside NaN.
[[gnu::always_inline]] inline double hypot_of(double x, double y) {
  constexpr double kInfinity = FloatFormat<double>::kInfinity;
  const double ax = std::abs(x);
  const double ay = std::abs(y);
  const double high = ax > ay ? ax : ay;
  const double low = ax > ay ? ay : ax;
  const double scale = high > 0x1p500 ? 0x1p-600 : high < 0x1p-400 ? 0x1p600 : 1.0;
  const double back = high > 0x1p500 ? 0x1p600 : high < 0x1p-400 ? 0x1p-600 : 1.0;
  const double a = high * scale;
  const double b = low * scale;
  const double square = a * a;
  const double lost = std::fma(a, a, -square);
  const double sum = std::fma(b, b, square);
  const double root = std::sqrt(sum + (std::fma(b, b, square - sum) + lost)) * back;
  const double number = (x != x) | (y != y) ? FloatFormat<double>::kNan : root;
  return (ax == kInfinity) | (ay == kInfinity) ? kInfinity : number;
}
[[gnu::always_inline]] inline float hypot_of(float x, float y) {
  constexpr float kInfinity = FloatFormat<float>::kInfinity;
  const double a = x;
  const double b = y;
  const auto root = static_cast<float>(std::sqrt(std::fma(a, a, b * b)));
  return (std::abs(x) == kInfinity) | (std::abs(y) == kInfinity) ? kInfinity : root;
}

template <typename T>
[[gnu::always_inline]] inline T any_hypot(T x, T y) {
  return hypot_of(x, y);
}

/// log(exp(x) + exp(y)), in float64.
template <typename T>
[[gnu::always_inline]] inline T wide_log_add_exp(T x, T y) {
  const double a = x;
  const double b = y;
  const double high = a > b ? a : b;
  const double less = a > b ? b - a : a - b;
  const double sum = high + log_of_one_more(any_exp(less), 0.0);
  // Equal infinities have no difference.
  const double number = a == b ? a + 0x1.62e42fefa39efp-1 : sum;
  const double kept = less == -FloatFormat<double>::kInfinity ? high + 0.0 : number;
  return static_cast<T>((a != a) | (b != b) ? a + b : kept);
}

/// Whether plain_log_add_exp takes it: one number is 0, so that their difference is exact and the
/// sum of two that are not negative.
template <typename T>
[[gnu::always_inline]] inline bool is_plain_log_add_exp(T x, T y) {
  return ((x == 0) & (std::abs(y) < FloatFormat<T>::kInfinity)) |
         ((y == 0) & (std::abs(x) < FloatFormat<T>::kInfinity));
}
/// max + log(1 + exp(min - max)).
template <typename T>
[[gnu::always_inline]] inline T plain_log_add_exp(T x, T y) {
  const T high = x > y ? x : y;
  return high + log_of_one_more(any_exp(-std::abs(x - y)), T{0});
}

template <typename T>
[[gnu::always_inline]] inline T any_log_add_exp(T x, T y) {
  if constexpr (FloatFormat<T>::kIsDouble) return wide_log_add_exp(x, y);
  const T plain = plain_log_add_exp(x, y);
  const T wide = wide_log_add_exp(x, y);
  return is_plain_log_add_exp(x, y) ? plain : wide;
}

}  // namespace cne::tensor
