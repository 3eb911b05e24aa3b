#pragma once

#include "tensor/float_math.h"

namespace cne::tensor {

// Angles.

template <typename T>
inline constexpr T kQuarterPi =
    FloatFormat<T>::kIsDouble ? T(0x1.921fb54442d18p-1) : T(0x1.921fb6p-1);
template <typename T>
inline constexpr T kQuarterPiLow =
    FloatFormat<T>::kIsDouble ? T(0x1.1a62633145c07p-55) : T(-0x1.777a5cp-26);

/// (asin(s) - s) / s for s^2 = z up to 1/4, error 2^-56, or 2^-27 in float32.
template <typename T>
[[gnu::always_inline]] inline T asin_rest(T z) {
  if constexpr (FloatFormat<T>::kIsDouble)
    return z * polynomial<T>(z, 0x1.555555555539p-3, 0x1.333333336e812p-4, 0x1.6db6db427a1c5p-5,
                             0x1.f1c72c3910772p-6, 0x1.6e89f43dc20d8p-6, 0x1.1c6be1ce2acbfp-6,
                             0x1.c6fdbe5331cbp-7, 0x1.8ec3143391c7cp-7, 0x1.abce84c206552p-8,
                             0x1.3ff54502d2934p-6, -0x1.09d42703382c7p-6, 0x1.056dc74584f96p-5);
  else
    return z * polynomial<T>(z, 0x1.5555c8p-3F, 0x1.330206p-4F, 0x1.747b72p-5F, 0x1.8c415ap-6F,
                             0x1.5959aap-5F);
}

/// The arc of |x| up to 1/2, or of what is left of the quarter beyond: asin(x) = arc, or pi/2 - 2
/// arc with sin(arc)^2 = (1 - |x|) / 2. Its sine, and what the arc is more than that.
template <typename T>
[[gnu::always_inline]] inline Pair<T> arc_of(T a, bool is_small) {
  const T z = is_small ? a * a : (1 - a) * T{0.5};
  const T root = std::sqrt(z);
  const T s = is_small ? a : root;
  return {s, s * asin_rest(z)};
}

template <typename T>
[[gnu::always_inline]] inline T any_asin(T x) {
  const T a = std::abs(x);
  const bool is_small = a <= T{0.5};
  const Pair<T> arc = arc_of(a, is_small);
  const T small = arc.high + arc.low;
  const T large = 2 * kQuarterPi<T> - 2 * (arc.high + (arc.low - kQuarterPiLow<T>));
  return with_sign_of(is_small ? small : large, x);
}

template <typename T>
[[gnu::always_inline]] inline T any_acos(T x) {
  const T a = std::abs(x);
  const bool is_small = a <= T{0.5};
  const Pair<T> arc = arc_of(a, is_small);
  // pi/2 less asin(x), or twice the arc from 1, or from -1.
  const T sine = with_sign_of(arc.high, x);
  const T rest = with_sign_of(arc.low, x);
  const T small = 2 * kQuarterPi<T> - (sine + (rest - 2 * kQuarterPiLow<T>));
  const T near_one = 2 * (arc.high + arc.low);
  const T near_minus_one = 4 * kQuarterPi<T> - 2 * (arc.high + (arc.low - 2 * kQuarterPiLow<T>));
  const T large = x < 0 ? near_minus_one : near_one;
  return is_small ? small : large;
}

/// atan(t) for |t| up to tan(pi / 8), error 2^-59, or 2^-25.
template <typename T>
[[gnu::always_inline]] inline T small_atan(T t) {
  const T z = t * t;
  T p;
  if constexpr (FloatFormat<T>::kIsDouble)
    p = polynomial<T>(z, -0x1.555555555553bp-2, 0x1.9999999995437p-3, -0x1.2492492293b92p-3,
                      0x1.c71c70dc28c4fp-4, -0x1.745cf7c09335bp-4, 0x1.3b11055bd2f69p-4,
                      -0x1.10ead6df1ed0bp-4, 0x1.df02697adb7ap-5, -0x1.9c9856912331ap-5,
                      0x1.374049f48f8b8p-5, -0x1.2421017246732p-6);
  else
    p = polynomial<T>(z, -0x1.55545p-2F, 0x1.99237ap-3F, -0x1.1c279ep-3F, 0x1.49742p-4F);
  return std::fma(t * z, p, t);
}

/// The angle of the point (x, y).
template <typename T>
[[gnu::always_inline]] inline T any_atan2(T y, T x) {
  constexpr T kInfinity = FloatFormat<T>::kInfinity;
  const T ax = std::abs(x);
  const T ay = std::abs(y);
  const bool is_steep = ay > ax;
  const T high = is_steep ? ay : ax;
  const T low = is_steep ? ax : ay;
  // Numbers of which a sum or an inverse is out of range; both infinite are on the diagonal.
  constexpr bool kIsDouble = FloatFormat<T>::kIsDouble;
  constexpr T kLarge = kIsDouble ? T(0x1p1000) : T(0x1p100);
  const T down = high > kLarge ? T(0x1p-20) : T{1};
  const T scale = high < 1 / kLarge ? (kIsDouble ? T(0x1p100) : T(0x1p40)) : down;
  const T finite_low = high == kInfinity ? T{0} : low * scale;
  const T a = low == kInfinity ? T{1} : finite_low;
  const T b = high == kInfinity ? T{1} : high * scale;
  // Above pi / 8, from the angle that the axes' diagonal has.
  const bool is_diagonal = a > T(0x1.a827999fcef32p-2) * b;
  const Pair<T> less = ordered_sum(b, -a);
  const Pair<T> more = ordered_sum(b, a);
  const T above = is_diagonal ? -less.high : a;
  const T below = is_diagonal ? more.high : b;
  const T inverse = 1 / below;
  const T t = b == 0 ? T{0} : above * inverse;
  const T missing =
      std::fma(-t, below, above) - (is_diagonal ? std::fma(t, more.low, less.low) : T{0});
  const T t_low = b == 0 ? T{0} : missing * inverse;
  const T arc = small_atan(t);
  // The angle is k quarters of pi and the arc, or less the arc.
  const bool is_left = is_negative(x);
  const T k_right = is_diagonal ? T{1} : is_steep ? T{2} : T{0};
  const T k = is_left ? 4 - k_right : k_right;
  const T side = with_sign_times(x, is_steep ? T{-1} : T{1});
  const T turned = side * arc;
  const T rest = std::fma(k, kQuarterPiLow<T>, side * t_low);
  const T angle = std::fma(k, kQuarterPi<T>, turned + rest);
  const bool is_nan = (x != x) | (y != y);
  return is_nan ? FloatFormat<T>::kNan : with_sign_of(angle, y);
}

template <typename T>
[[gnu::always_inline]] inline T any_atan(T x) {
  return any_atan2(x, T{1});
}

}  // namespace cne::tensor
