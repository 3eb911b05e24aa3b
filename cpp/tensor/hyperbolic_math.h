#pragma once

#include "tensor/log_math.h"

namespace cne::tensor {

// Inverse hyperbolic functions: logarithms of 1 + t, where what t was rounded by is
// carried on.

/// Above it a^2 + 1 is a^2.
template <typename T>
inline constexpr T kLargeArea = FloatFormat<T>::kIsDouble ? T(0x1p28) : T(0x1p13);

/// log(t + 1 + c), or log(2 x) where x is large.
template <typename T>
[[gnu::always_inline]] inline T log_of_area(T x, T t, T c) {
  const bool is_large = x > kLargeArea<T>;
  const Pair<T> sum = exact_sum(T{1}, t);
  const T u = is_large ? x : sum.high;
  const LogParts<T> parts = log_parts(u);
  const T rest = is_large ? T{0} : T{0.5} * (sum.low + c) * parts.scale;
  return log_of_parts(parts.e + (is_large ? T{1} : T{0}), parts.f + rest);
}

/// log(|x| + sqrt(x^2 + 1)) with the sign of x.
template <typename T>
[[gnu::always_inline]] inline T any_asinh(T x) {
  const T a = std::abs(x);
  const T square = a * a;
  const T more = square / (1 + std::sqrt(square + 1));
  const Pair<T> t = exact_sum(a, more);
  const T result = log_of_area(a, t.high, t.low);
  return with_sign_of(a < FloatFormat<T>::kInfinity ? result : a, x);
}

/// log(x + sqrt(x^2 - 1)).
template <typename T>
[[gnu::always_inline]] inline T any_acosh(T x) {
  const T less = x - 1;
  const T square = std::fma(less, less, 2 * less);
  const T root = std::sqrt(square);
  // What the root was rounded by; none of 0.
  const T missing = std::fma(-root, root, square) + std::fma(less, less, 2 * less - square);
  const T root_low = x == 1 ? T{0} : T{0.5} * missing / root;
  const Pair<T> t = exact_sum(less, root);
  const T result = log_of_area(x, t.high, t.low + root_low);
  const T kept = x < FloatFormat<T>::kInfinity ? result : x;
  return x < 1 ? FloatFormat<T>::kNan : kept;
}

/// log((1 + x) / (1 - x)) / 2 = log(1 + 2 x / (1 - x)) / 2.
template <typename T>
[[gnu::always_inline]] inline T any_atanh(T x) {
  const T a = std::abs(x);
  const Pair<T> below = ordered_sum(T{1}, -a);
  const T inverse = 1 / below.high;
  const T t = 2 * a * inverse;
  const T missing = std::fma(-t, below.high, 2 * a) - t * below.low;
  const T result = T{0.5} * log_of_one_more(t, missing * inverse);
  const T kept = a < 1 ? result : FloatFormat<T>::kNan;
  return with_sign_of(a == 1 ? FloatFormat<T>::kInfinity : kept, x);
}

}  // namespace cne::tensor
