#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace cne::tensor {

// What functions of floats are made of. Loops over them are vectorised by the compiler, so nothing
// here branches, looks into tables or calls the C library; std::fma is one instruction, or exactly
// that in software where the processor has none. So every processor gives the same bits.

template <typename T>
using IntOf = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
template <typename T>
using UIntOf = std::make_unsigned_t<IntOf<T>>;

/// IEEE 754 binary32 or binary64.
template <typename T>
struct FloatFormat {
  static constexpr bool kIsDouble = sizeof(T) == 8;
  static constexpr int kMantissaBits = kIsDouble ? 52 : 23;
  static constexpr IntOf<T> kBias = kIsDouble ? 1023 : 127;
  /// Adding it leaves the whole number next to a number in the low bits, ties to even.
  static constexpr T kWhole = kIsDouble ? T(0x1.8p52) : T(0x1.8p23);
  static constexpr UIntOf<T> kSign = UIntOf<T>{1} << (sizeof(T) * 8 - 1);
  static constexpr T kInfinity = std::numeric_limits<T>::infinity();
  static constexpr T kNan = std::numeric_limits<T>::quiet_NaN();
};

template <typename T>
[[gnu::always_inline]] inline IntOf<T> bits_of(T value) {
  return std::bit_cast<IntOf<T>>(value);
}
template <typename T>
[[gnu::always_inline]] inline T of_bits(IntOf<T> bits) {
  return std::bit_cast<T>(bits);
}

/// The bits without the sign: they are ordered as the magnitudes are.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> magnitude_bits(T value) {
  return bits_of(value) & std::numeric_limits<IntOf<T>>::max();
}
/// Negative for magnitudes above `bound`, and NaN.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> is_beyond(T x, T bound) {
  return bits_of(bound) - magnitude_bits(x);
}
template <typename T>
[[gnu::always_inline]] inline bool is_negative(T value) {
  return bits_of(value) < 0;
}
template <typename T>
[[gnu::always_inline]] inline bool differ_in_sign(T a, T b) {
  return (bits_of(a) ^ bits_of(b)) < 0;
}
template <typename T>
[[gnu::always_inline]] inline T with_sign_of(T magnitude, T sign) {
  const auto kept = magnitude_bits(magnitude);
  return of_bits<T>(kept | (bits_of(sign) & ~std::numeric_limits<IntOf<T>>::max()));
}
/// Turns the sign of `value` where `odd` is odd.
template <typename T>
[[gnu::always_inline]] inline T turned_if_odd(T value, IntOf<T> odd) {
  const auto sign = static_cast<UIntOf<T>>(odd) << (sizeof(T) * 8 - 1);
  return of_bits<T>(static_cast<IntOf<T>>(static_cast<UIntOf<T>>(bits_of(value)) ^ sign));
}

/// Turns the sign of `value` where `sign` has one.
template <typename T>
[[gnu::always_inline]] inline T with_sign_times(T sign, T value) {
  return of_bits<T>(bits_of(value) ^ (bits_of(sign) & ~std::numeric_limits<IntOf<T>>::max()));
}

/// 2^k for a k of normal numbers.
template <typename T>
[[gnu::always_inline]] inline T power_of_two(IntOf<T> k) {
  using F = FloatFormat<T>;
  return of_bits<T>(
      static_cast<IntOf<T>>((static_cast<UIntOf<T>>(k) + F::kBias) << F::kMantissaBits));
}

/// The nearest whole number, as a float and as an integer; |value| is below 2^22, or 2^51.
template <typename T>
struct Whole {
  T value;
  IntOf<T> integer;
};
template <typename T>
[[gnu::always_inline]] inline Whole<T> whole(T value) {
  const T moved = value + FloatFormat<T>::kWhole;
  return {moved - FloatFormat<T>::kWhole, bits_of(moved) - bits_of(FloatFormat<T>::kWhole)};
}
/// The one next to a * b.
template <typename T>
[[gnu::always_inline]] inline Whole<T> whole_product(T a, T b) {
  const T moved = std::fma(a, b, FloatFormat<T>::kWhole);
  return {moved - FloatFormat<T>::kWhole, bits_of(moved) - bits_of(FloatFormat<T>::kWhole)};
}

/// c0 + c1 x + c2 x^2 + ...
template <typename T>
[[gnu::always_inline]] inline T polynomial(T, T c0) {
  return c0;
}
template <typename T, typename... More>
[[gnu::always_inline]] inline T polynomial(T x, T c0, T c1, More... more) {
  return std::fma(x, polynomial(x, c1, static_cast<T>(more)...), c0);
}

/// A number as the sum of two floats, the second below half a unit of the first.
template <typename T>
struct Pair {
  T high;
  T low;
};
/// a + b exactly, where |a| >= |b| or a is 0.
template <typename T>
[[gnu::always_inline]] inline Pair<T> ordered_sum(T a, T b) {
  const T sum = a + b;
  return {sum, b - (sum - a)};
}
/// a + b exactly.
template <typename T>
[[gnu::always_inline]] inline Pair<T> exact_sum(T a, T b) {
  const T sum = a + b;
  const T part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}
/// a * b exactly, unless it underflows.
template <typename T>
[[gnu::always_inline]] inline Pair<T> exact_product(T a, T b) {
  const T product = a * b;
  return {product, std::fma(a, b, -product)};
}

}  // namespace cne::tensor
