#pragma once

#include <cstdint>
#include <type_traits>

namespace cne {

// Arithmetic of integers where C++ leaves something undefined or differs from Python.

/// Integers are added as unsigned numbers, where wrapping around is defined; floats are themselves.
template <typename T>
constexpr auto wrapping(T value) {
  if constexpr (std::is_integral_v<T>)
    // int and narrower would promote to signed int.
    return static_cast<std::conditional_t<sizeof(T) < 4, uint32_t, std::make_unsigned_t<T>>>(value);
  else
    return value;
}

/// Towards minus infinity; 0 for a division by 0.
template <typename T>
constexpr T integer_floor_divide(T a, T b) {
  if (b == 0) return 0;
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return static_cast<T>(0 - wrapping(a));
    const T quotient = static_cast<T>(a / b);
    return static_cast<T>(quotient - (a % b != 0 && (a < 0) != (b < 0)));
  } else {
    return static_cast<T>(a / b);
  }
}

/// Has the sign of the divisor; 0 for a division by 0.
template <typename T>
constexpr T integer_remainder(T a, T b) {
  if (b == 0) return 0;
  if constexpr (std::is_signed_v<T>) {
    if (b == -1) return 0;
    const T rest = static_cast<T>(a % b);
    return static_cast<T>(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
  } else {
    return static_cast<T>(a % b);
  }
}

}  // namespace cne
