#pragma once

#include "tensor/float_math.h"
#include "tensor/large_angle.h"

namespace cne::tensor {

// Sines and cosines: x less the nearest multiple of pi (or odd multiple of pi/2) by parts of pi
// and fused multiplications, which is exact enough up to kTrigBound; beyond it by
// large_angle. Polynomials by fpminimax of Sollya: 2^-27 in float32, 2^-61 in float64.

template <typename T>
inline constexpr T kTrigBound = FloatFormat<T>::kIsDouble ? T(0x1p30) : T(0x1p17);

/// Half pi as a sum, of three doubles or four floats.
template <typename T>
inline constexpr T kHalfPi[4] = {0x1.921fb54442d18p0, 0x1.1a62633145c07p-54,
                                 -0x1.f1976b7ed8fbcp-110, 0};
template <>
inline constexpr float kHalfPi<float>[4] = {0x1.921fb6p0F, -0x1.777a5cp-25F, -0x1.ee59dap-50F,
                                            0x1.98a2ep-77F};
template <typename T>
inline constexpr T kPerPi = T(0x1.45f306dc9c883p-2);

/// x = n pi/2 + r.
template <typename T>
struct Angle {
  T r;
  IntOf<T> n;
};

/// Of |x| up to kTrigBound. With an offset of 0, n is even and |r| <= pi/2; with -1/2, n is odd.
template <typename T>
[[gnu::always_inline]] inline Angle<T> half_turns(T x, T offset) {
  const T moved = std::fma(x, kPerPi<T>, offset) + FloatFormat<T>::kWhole;
  const T j = moved - FloatFormat<T>::kWhole;
  const T n = 2 * (j - offset);
  T r = std::fma(n, -kHalfPi<T>[0], x);
  r = std::fma(n, -kHalfPi<T>[1], r);
  r = std::fma(n, -kHalfPi<T>[2], r);
  if constexpr (!FloatFormat<T>::kIsDouble) r = std::fma(n, -kHalfPi<T>[3], r);
  return {r, bits_of(moved) - bits_of(FloatFormat<T>::kWhole)};
}

/// sin(r) for |r| up to pi/2.
template <typename T>
[[gnu::always_inline]] inline T sine(T r) {
  const T z = r * r;
  const T cube = z * r;
  T cubic;
  T p;
  if constexpr (FloatFormat<T>::kIsDouble) {
    cubic = T(-0x1.5555555555555p-3);
    p = polynomial<T>(z, 0x1.11111111110c9p-7, -0x1.a01a01a014eb3p-13, 0x1.71de3a52aa8cdp-19,
                      -0x1.ae6454d94194p-26, 0x1.6123ce46ea562p-33, -0x1.ae43d953b0285p-41,
                      0x1.883bb5184e76ap-49);
  } else {
    cubic = -0x1.55554cp-3F;
    p = polynomial<T>(z, 0x1.110edap-7F, -0x1.9f70fp-13F, 0x1.5dc9p-19F);
  }
  // Near pi/2 the term of r^3 is as large as the others: what its sum is rounded by is carried on.
  const T main = std::fma(cube, cubic, r);
  const T low = std::fma(cube, cubic, r - main);
  return main + std::fma(cube, z * p, low);
}

/// Negative for what is beyond kTrigBound.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> is_special_angle(T x) {
  return is_beyond(x, kTrigBound<T>);
}
template <typename T>
[[gnu::always_inline]] inline T plain_sin(T x) {
  // Of |x|, so that a zero keeps its sign.
  const Angle<T> angle = half_turns(std::abs(x), T{0});
  return with_sign_times(x, turned_if_odd(sine(angle.r), angle.n));
}
template <typename T>
[[gnu::always_inline]] inline T plain_cos(T x) {
  const Angle<T> angle = half_turns(x, T{-0.5});
  return turned_if_odd(sine(angle.r), angle.n + 1);
}

/// sin(x + quarters pi/2), where |x| may be large.
template <typename T>
[[gnu::always_inline]] inline T far_sin(T x, int quarters) {
  const LargeAngle angle = large_angle(static_cast<double>(x));
  const int n = angle.n + quarters;
  // sin(r + n pi/2) of an odd n: less or more pi/2, towards 0.
  const double part = n % 2 == 0 ? 0 : angle.r > 0 ? -kHalfPi<double>[0] : kHalfPi<double>[0];
  const int turns = (n + (part < 0 ? 1 : part > 0 ? -1 : 0)) / 2;
  return turned_if_odd(sine(static_cast<T>(angle.r + part)), static_cast<IntOf<T>>(turns));
}
template <typename T>
[[gnu::always_inline]] inline T any_sin(T x) {
  return std::abs(x) <= kTrigBound<T> ? plain_sin(x) : far_sin(x, 0);
}
template <typename T>
[[gnu::always_inline]] inline T any_cos(T x) {
  return std::abs(x) <= kTrigBound<T> ? plain_cos(x) : far_sin(x, 1);
}

/// The tangent of r + low + n pi/2, |r| up to pi/4: sine and cosine as pairs, and one division.
template <typename T>
[[gnu::always_inline]] inline T tangent(T r, T low, bool is_odd) {
  const Pair<T> z = exact_product(r, r);
  T s;
  T c;
  if constexpr (FloatFormat<T>::kIsDouble) {
    s = polynomial<T>(z.high, -0x1.5555555555548p-3, 0x1.111111110f75ap-7, -0x1.a01a019bf1849p-13,
                      0x1.71de355e5488fp-19, -0x1.ae5e53cf2b7b6p-26, 0x1.5d8e000c36d0dp-33);
    c = polynomial<T>(z.high, 0x1.555555555554bp-5, -0x1.6c16c16c15013p-10, 0x1.a01a019c8ebfdp-16,
                      -0x1.27e4f7f1253c1p-22, 0x1.1ee9db6ffb16bp-29, -0x1.8fa64933376a9p-37);
  } else {
    s = polynomial<T>(z.high, -0x1.555546p-3F, 0x1.110776p-7F, -0x1.9952c8p-13F);
    c = polynomial<T>(z.high, 0x1.55554ap-5F, -0x1.6c0c28p-10F, 0x1.99e81p-16F);
  }
  const Pair<T> sine = ordered_sum(r, std::fma(r * z.high, s, low));
  Pair<T> cosine = ordered_sum(T{1}, T{-0.5} * z.high);
  cosine.low += z.high * z.high * c - std::fma(T{0.5}, z.low, r * low);
  cosine = ordered_sum(cosine.high, cosine.low);
  const T above = is_odd ? -cosine.high : sine.high;
  const T above_low = is_odd ? -cosine.low : sine.low;
  const T below = is_odd ? sine.high : cosine.high;
  const T below_low = is_odd ? sine.low : cosine.low;
  const T inverse = 1 / below;
  const T quotient = above * inverse;
  const T missing = std::fma(-quotient, below, above) + (above_low - quotient * below_low);
  return std::fma(missing, inverse, quotient);
}
template <typename T>
[[gnu::always_inline]] inline T plain_tan(T x) {
  const Whole<T> n = whole_product(x, 2 * kPerPi<T>);
  const T first = std::fma(n.value, -kHalfPi<T>[0], x);
  const Pair<T> part = exact_product(n.value, kHalfPi<T>[1]);
  const Pair<T> second = exact_sum(first, -part.high);  // near a pole nearly all of it goes
  T low = second.low - part.low;
  low = std::fma(n.value, -kHalfPi<T>[2], low);
  if constexpr (!FloatFormat<T>::kIsDouble) low = std::fma(n.value, -kHalfPi<T>[3], low);
  const Pair<T> r = exact_sum(second.high, low);
  return x == 0 ? x : tangent(r.high, r.low, (n.integer & 1) != 0);
}
template <typename T>
[[gnu::always_inline]] inline T any_tan(T x) {
  if (std::abs(x) <= kTrigBound<T>) return plain_tan(x);
  const LargeAngle angle = large_angle(static_cast<double>(x));
  return tangent(static_cast<T>(angle.r), T{0}, angle.n % 2 != 0);
}

}  // namespace cne::tensor
