#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/integer_math.h"

namespace cne::tensor {

// Arithmetic on single elements where C++ and the array standard differ.

/// Modulo 2^bits; of a negative exponent what is left of the fraction: 0, 1 or -1.
template <typename T>
constexpr T integer_power(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent % 2 == 0 ? 1 : -1;
      return 0;
    }
  }
  auto power = wrapping(base);
  auto left = static_cast<std::make_unsigned_t<T>>(exponent);
  decltype(power) out = 1;
  for (; left != 0; left = static_cast<decltype(left)>(left >> 1)) {
    if ((left & 1) != 0) out *= power;
    power *= power;
  }
  return static_cast<T>(out);
}

/// Shifts by the number of bits or more leave nothing but the sign.
template <typename T>
constexpr T shift_left(T value, T by) {
  if (static_cast<std::make_unsigned_t<T>>(by) >= sizeof(T) * 8) return 0;
  return static_cast<T>(wrapping(value) << by);
}
template <typename T>
constexpr T shift_right(T value, T by) {
  constexpr int kBits = sizeof(T) * 8;
  const bool is_all = static_cast<std::make_unsigned_t<T>>(by) >= kBits;
  return static_cast<T>(value >> (is_all ? kBits - 1 : by)) * (is_all && value > 0 ? 0 : 1);
}

/// Has the sign of the divisor, as Python's %.
template <typename T>
T float_remainder(T a, T b) {
  T rest = std::fmod(a, b);
  if (rest == 0) return std::copysign(T{0}, b);
  if ((rest < 0) != (b < 0)) rest += b;
  return rest;
}

/// As Python's //: floor of the exact quotient.
template <typename T>
T float_floor_divide(T a, T b) {
  if (b == 0) return a / b;
  if (std::isinf(a) || std::isnan(a) || std::isnan(b)) return std::numeric_limits<T>::quiet_NaN();
  if (std::isinf(b)) return a == 0 || (a < 0) == (b < 0) ? std::copysign(T{0}, a * b) : T{-1};
  const T rest = std::fmod(a, b);
  T quotient = (a - rest) / b;
  if (rest != 0 && (rest < 0) != (b < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(T{0}, a / b);
  const T whole = std::floor(quotient);
  return quotient - whole > T{0.5} ? whole + 1 : whole;
}

/// A NaN wins, as in the standard; of -0 and +0 the larger is +0.
template <typename T>
T float_maximum(T a, T b) {
  if (a == b) return std::signbit(a) ? b : a;
  return a > b || a != a ? a : b;
}
template <typename T>
T float_minimum(T a, T b) {
  if (a == b) return std::signbit(a) ? a : b;
  return a < b || a != a ? a : b;
}

/// log(exp(a) + exp(b)).
template <typename T>
T log_add_exp(T a, T b) {
  if (a == b) return a + std::log(T{2});  // also equal infinities
  const T high = std::fmax(a, b);
  const T low = std::fmin(a, b);
  if (a != a || b != b) return a + b;
  return high + std::log1p(std::exp(low - high));
}

template <typename T>
T float_sign(T value) {
  return value != value ? value : static_cast<T>((value > 0) - (value < 0));
}

template <typename T>
T sigmoid(T value) {
  // Both halves are exact where the other would lose digits.
  if (value >= 0) return 1 / (1 + std::exp(-value));
  const T e = std::exp(value);
  return e / (1 + e);
}

}  // namespace cne::tensor
