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
  if (x < 0.5) return digamma(1 - x) - std::numbers::pi / std::tan(std::numbers::pi * x);
  double steps = 0;
  for (; x < 10; ++x) steps += 1 / x;
  const double r = 1 / (x * x);
  const double series =
      r * (1.0 / 12 - r * (1.0 / 120 -
                           r * (1.0 / 252 -
                                r * (1.0 / 240 - r * (1.0 / 132 - r * (691.0 / 32760 - r / 12))))));
  return std::log(x) - 0.5 / x - series - steps;
}

}  // namespace cne::tensor
