#pragma once

#include <cmath>
#include <limits>
#include <numbers>

namespace cne::tensor {

/// The derivative of log(gamma(x)): reflected below 0.5, stepped up to 10 by
/// digamma(x) = digamma(x + 1) - 1/x, from there the asymptotic series (Abramowitz and Stegun
/// 6.3.7, 6.3.5, 6.3.18). NaN at the poles 0, -1, ...
inline double digamma(double x) {
  if (x <= 0 && x == std::floor(x))
    return x == 0 ? std::copysign(std::numeric_limits<double>::infinity(), -x)
                  : std::numeric_limits<double>::quiet_NaN();
  // The tangent has a period of 1; what is left of it is exact.
  if (x < 0.5)
    return digamma(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * (x - std::rint(x)));
  double steps = 0;
  for (; x < 10; ++x) steps += 1 / x;
  const double r = 1 / (x * x);
  const double series =
      r * (1.0 / 12 - r * (1.0 / 120 -
                           r * (1.0 / 252 -
                                r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
  return std::log(x) - 0.5 / x - series - steps;
}

inline double power_of_whole(double base, int exponent) {
  double out = 1;
  for (; exponent > 0; exponent /= 2, base *= base)
    if (exponent % 2 == 1) out *= base;
  return out;
}

/// The sum of (unit / (q + k))^s over k from 0 on, of whole s from 2 on and q >= unit > 0: term by
/// term up to where Euler's and Maclaurin's series holds (https://dlmf.nist.gov/25.11.E7), B(2k) /
/// (2k)! by k.
inline double hurwitz_zeta(int s, double q, double unit) {
  constexpr double kCoefficients[] = {1.0 / 12,          -1.0 / 720,
                                      1.0 / 30240,       -1.0 / 1209600,
                                      1.0 / 47900160,    -691.0 / 1307674368000,
                                      1.0 / 74724249600, -3617.0 / 10670622842880000};
  double sum = 0;
  for (; q < 10 + s; ++q) {
    const double term = power_of_whole(unit / q, s);
    sum += term;
    if (term <= 1e-19 * sum) return sum;  // the terms fall faster than the powers of 2 by then
  }
  const double r = 1 / q;
  const double power = power_of_whole(unit / q, s);
  double tail = power * (q / (s - 1) + 0.5);
  double factor = power * r * s;
  int next = s + 1;
  for (const double each : kCoefficients) {
    tail += each * factor;
    factor *= r * r * next * (next + 1);
    next += 2;
  }
  return sum + tail;
}

/// The `order`-th derivative of digamma, (-1)^(n + 1) n! zeta(n + 1, x); digamma itself of order 0.
/// Below 0 the sum goes both ways from the nearest poles. Infinite at poles, with the sign of the
/// right side as SciPy has it; NaN of orders that are negative, not whole or above 1000, and at
/// -infinity.
inline double polygamma(double order, double x) {
  if (order == 0) return digamma(x);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  if (!(order > 0 && order <= 1000) || order != std::floor(order) || x != x || x == -kInfinity)
    return kNan;
  const int s = static_cast<int>(order) + 1;
  if (x == kInfinity) return s % 2 == 0 ? 0.0 : -0.0;
  double unit = x;
  double zeta = 0;  // times unit^s
  if (x > 0) {
    zeta = hurwitz_zeta(s, x, unit);
  } else if (const double off = x - std::rint(x); off != 0) {  // exact, as is what is left to the
    const double above = off > 0 ? off : 1 + off;              // pole beside it
    const double below = off > 0 ? 1 - off : -off;
    unit = above < below ? above : below;
    const double others = hurwitz_zeta(s, below, unit) - hurwitz_zeta(s, 1 - x, unit);
    zeta = hurwitz_zeta(s, above, unit) + (s % 2 == 0 ? others : -others);
  } else {
    return s % 2 == 0 ? kInfinity : -kInfinity;
  }
  // (s - 1)! / unit^s by factors from both ends: those on the way stay in the range of the result.
  double size = zeta / unit;
  for (int low = 1, high = s - 1; low <= high;)
    size *= (std::abs(size) >= 1 ? low++ : high--) / unit;
  return s % 2 == 0 ? size : -size;
}

}  // namespace cne::tensor
