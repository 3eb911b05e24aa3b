#pragma once

#include "tensor/float_math.h"

namespace cne::tensor {

// Exponentials: exp(x) = 2^k exp(r) with |r| <= log(2) / 2, and exp(r) - 1 = r + r^2 P(r) by a
// polynomial of least relative error (fpminimax of Sollya): 2^-26 in float32, 2^-55 in float64.

/// x = k log(2) + r; `|x|` is below 2^15.
template <typename T>
struct ExpParts {
  IntOf<T> k;
  T r;
};
template <typename T>
[[gnu::always_inline]] inline ExpParts<T> exp_parts(T x) {
  constexpr bool kIsDouble = FloatFormat<T>::kIsDouble;
  constexpr T kPerLog2 = T(0x1.71547652b82fep0);
  // The high part has zeros at its end, so that k times it is exact.
  constexpr T kLog2High = kIsDouble ? T(0x1.62e42fefa38p-1) : T(0x1.62e4p-1);
  constexpr T kLog2Low = kIsDouble ? T(0x1.ef35793c7673p-45) : T(0x1.7f7d1cp-20);
  const Whole<T> k = whole_product(x, kPerLog2);
  return {k.integer, std::fma(k.value, -kLog2Low, std::fma(k.value, -kLog2High, x))};
}

/// exp(r) - 1 for the r of exp_parts.
template <typename T>
[[gnu::always_inline]] inline T exp_fraction(T r) {
  const T squared = r * r;
  if constexpr (FloatFormat<T>::kIsDouble) {
    const T p = polynomial<T>(r, 0x1.0000000000005p-1, 0x1.555555555553bp-3, 0x1.55555555520f2p-5,
                              0x1.1111111118835p-7, 0x1.6c16c17f394p-10, 0x1.a01a0177f7b77p-13,
                              0x1.a019a67bcae77p-16, 0x1.71de80e0952c3p-19, 0x1.28a2ba10b4d6bp-22,
                              0x1.ae77f603c1df7p-26);
    return std::fma(squared, p, r);
  } else {
    const T p = polynomial<T>(r, 0x1.fffffep-2F, 0x1.5554bp-3F, 0x1.555718p-5F, 0x1.1227acp-7F,
                              0x1.6b7158p-10F);
    return std::fma(squared, p, r);
  }
}

/// What lies beyond this overflows, or is nothing, in all exponentials.
template <typename T>
inline constexpr T kExpBound = FloatFormat<T>::kIsDouble ? T(746) : T(104);

/// NaN stays what it is.
template <typename T>
[[gnu::always_inline]] inline T clamped(T x, T low, T high) {
  const T below = x > high ? high : x;
  return below < low ? low : below;
}

/// value * 2^k, rounded once, where 2^k itself may be out of range.
template <typename T>
[[gnu::always_inline]] inline T scaled(T value, IntOf<T> k) {
  constexpr IntOf<T> kEven = 4096;  // no shift of a negative number: slow before AVX-512
  const auto bits = static_cast<UIntOf<T>>(k);  // any, of NaN; sums of them may wrap around
  const auto half = static_cast<IntOf<T>>((bits + kEven) >> 1) - kEven / 2;
  const auto rest = static_cast<IntOf<T>>(bits - static_cast<UIntOf<T>>(half));
  return value * power_of_two<T>(half) * power_of_two<T>(rest);
}

/// Where neither the result nor a part of it is subnormal or infinite.
template <typename T>
inline constexpr T kPlainExpBound = FloatFormat<T>::kIsDouble ? T(708) : T(87);

/// Negative for what plain_exp does not take.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> is_special_exp(T x) {
  return is_beyond(x, kPlainExpBound<T>);
}
template <typename T>
[[gnu::always_inline]] inline T plain_exp(T x) {
  const ExpParts<T> parts = exp_parts(x);
  return (exp_fraction(parts.r) + 1) * power_of_two<T>(parts.k);
}
template <typename T>
[[gnu::always_inline]] inline T any_exp(T x) {
  const ExpParts<T> parts = exp_parts(clamped(x, -kExpBound<T>, kExpBound<T>));
  return scaled(exp_fraction(parts.r) + 1, parts.k);
}

/// (exp(x) - minus) / 2, with a minus of 0 or 1; it does not overflow before sinh does.
template <typename T>
[[gnu::always_inline]] inline T half_exp(T x, T minus) {
  constexpr T kHigh = FloatFormat<T>::kIsDouble ? T(710.6) : T(89.6);  // infinite; k - 2 is not
  const ExpParts<T> parts = exp_parts(clamped(x, -kExpBound<T> / 4, kHigh));
  // 2^(k-1) q + (2^(k-1) - 1/2), where the second is exact or what is lost does not matter.
  const T quarter = power_of_two<T>(parts.k - 2);
  return 2 * std::fma(quarter, exp_fraction(parts.r), quarter - T{0.25} * minus);
}
template <typename T>
[[gnu::always_inline]] inline T any_expm1(T x) {
  // Next to 0 it is x itself, of which halves may have no digits.
  return std::abs(x) < std::numeric_limits<T>::epsilon() / 4 ? x : 2 * half_exp(x, T{1});
}

/// (a + a_low) / (b.high + b.low), given a / b.high, for a b of 1 to 2.
template <typename T>
[[gnu::always_inline]] inline T corrected(T quotient, T a_low, Pair<T> b) {
  const T inverse = std::fma(T{-0.5}, b.high, T{1.457});  // 1 / b, nearly
  return std::fma(std::fma(-quotient, b.low, a_low), inverse, quotient);
}

/// 1 / (1 + exp(-x)), given exp(-|x|).
template <typename T>
[[gnu::always_inline]] inline T sigmoid_of(T x, T e) {
  const Pair<T> sum = ordered_sum(T{1}, e);
  return corrected((x < 0 ? e : T{1}) / sum.high, T{0}, sum);
}
template <typename T>
[[gnu::always_inline]] inline T plain_sigmoid(T x) {
  return sigmoid_of(x, plain_exp(with_sign_of(x, T{-1})));
}
template <typename T>
[[gnu::always_inline]] inline T any_sigmoid(T x) {
  return sigmoid_of(x, any_exp(with_sign_of(x, T{-1})));
}

template <typename T>
[[gnu::always_inline]] inline T any_tanh(T x) {
  // With y = -2 |x|: (1 - e^y) / (1 + e^y), both with e^y = 2^k (1 + q).
  constexpr T kBound = FloatFormat<T>::kIsDouble ? T(-45) : T(-24);
  const T y = with_sign_of(2 * x, T{-1});
  const ExpParts<T> parts = exp_parts(y < kBound ? kBound : y);
  const T scale = power_of_two<T>(parts.k);
  const T q = exp_fraction(parts.r);
  const T less = 1 - scale;
  const T more = 1 + scale;
  const T above = std::fma(-scale, q, less);
  const T below = std::fma(scale, q, more);
  const T quotient = above / below;
  if constexpr (!FloatFormat<T>::kIsDouble) return with_sign_of(quotient, x);
  const T above_low = std::fma(-scale, q, less - above);
  const T below_low = std::fma(scale, q, more - below);
  return with_sign_of(corrected(quotient, above_low, {below, below_low}), x);
}

template <typename T>
[[gnu::always_inline]] inline T any_sinh(T x) {
  const T a = std::abs(x);
  const T z = a * a;
  T p;
  if constexpr (FloatFormat<T>::kIsDouble)
    p = polynomial<T>(z, 0x1.5555555555555p-3, 0x1.111111111117cp-7, 0x1.a01a01a00db3ap-13,
                      0x1.71de3a60a9f7dp-19, 0x1.ae644b32db998p-26, 0x1.612abe6b5d71ep-33,
                      0x1.aab9951a7065bp-41, 0x1.409579384599ap-48);
  else
    p = polynomial<T>(z, 0x1.555556p-3F, 0x1.1110eap-7F, 0x1.a01c22p-13F, 0x1.76771ep-19F);
  // With h = e^|x| / 2: h - 1 / (4 h). Next to 0 a polynomial.
  const T h = half_exp(a, T{0});
  return with_sign_of(a < 1 ? std::fma(a * z, p, a) : h - T{0.25} / h, x);
}
template <typename T>
[[gnu::always_inline]] inline T any_cosh(T x) {
  // With h = e^|x| / 2: h + 1 / (4 h).
  const T h = half_exp(std::abs(x), T{0});
  return h + T{0.25} / h;
}

}  // namespace cne::tensor
