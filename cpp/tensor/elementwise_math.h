#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "core/integer_math.h"
#include "tensor/float_math.h"

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

/// A NaN wins, as in the standard; of -0 and +0 the larger is +0.
template <typename T>
[[gnu::always_inline]] inline T float_maximum(T a, T b) {
  const T equal = of_bits<T>(bits_of(a) & bits_of(b));
  const T larger = (a > b) | (a != a) ? a : b;
  return a == b ? equal : larger;
}
template <typename T>
[[gnu::always_inline]] inline T float_minimum(T a, T b) {
  const T equal = of_bits<T>(bits_of(a) | bits_of(b));
  const T smaller = (a < b) | (a != a) ? a : b;
  return a == b ? equal : smaller;
}

template <typename T>
T float_sign(T value) {
  return value != value ? value : static_cast<T>((value > 0) - (value < 0));
}

}  // namespace cne::tensor
