#pragma once

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "tensor/half.h"

namespace cne::tensor {

// How a stored element becomes one of another type.

template <typename T>
struct IsComplex : std::false_type {};
template <typename T>
struct IsComplex<std::complex<T>> : std::true_type {};

/// A stored element as a number that arithmetic is done with.
template <typename T>
[[gnu::always_inline]] inline auto load(T value) {
  if constexpr (std::is_same_v<T, Bool>)
    return value.byte;
  else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return to_float(value);
  else
    return value;
}

template <typename To, typename From>
[[gnu::always_inline]] inline To convert(From value) {
  if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<uint8_t>(value != From{})};
  } else if constexpr (IsComplex<To>::value) {
    using Part = typename To::value_type;
    if constexpr (IsComplex<From>::value)
      return {static_cast<Part>(value.real()), static_cast<Part>(value.imag())};
    else
      return {static_cast<Part>(value), Part{0}};
  } else if constexpr (IsComplex<From>::value) {
    return convert<To>(value.real());
  } else if constexpr (std::is_same_v<To, Half>) {
    return to_half(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // What is out of range is undefined in C++.
    constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
    constexpr auto kHigh = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
    const From whole = std::trunc(value);
    const From kept = (whole >= kLow) & (whole < kHigh) ? whole : From{0};
    if constexpr (sizeof(To) < 4)
      return static_cast<To>(static_cast<int32_t>(kept));  // as vectors have it
    else
      return static_cast<To>(kept);
  } else {
    return static_cast<To>(value);
  }
}

}  // namespace cne::tensor
