#pragma once

#include "tensor/float_math.h"

namespace cne::tensor {

// Logarithms: x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)).

template <typename T>
struct LogParts {
  T e;
  T f;
  T scale;  // 2^(1 - e), which is a number for all e
};

/// Of a normal positive number.
template <typename T>
[[gnu::always_inline]] inline LogParts<T> log_parts(T x) {
  using F = FloatFormat<T>;
  using U = UIntOf<T>;
  constexpr U kRootOfHalf = F::kIsDouble ? U(0x3fe6a09e667f3bcd) : U(0x3f3504f3);
  constexpr U kOne = static_cast<U>(F::kBias) << F::kMantissaBits;
  const U bits = static_cast<U>(bits_of(x));
  // The exponent above 0, as shifts of signed 64 bits are slow before AVX-512.
  const U biased = (bits - kRootOfHalf + kOne) >> F::kMantissaBits;
  const U exponent = (biased << F::kMantissaBits) - kOne;
  // As a float: its bits, read as the end of a mantissa.
  const T e = of_bits<T>(bits_of(F::kWhole) + static_cast<IntOf<T>>(biased)) -
              (F::kWhole + static_cast<T>(F::kBias));
  const T m = of_bits<T>(static_cast<IntOf<T>>(bits - exponent));
  constexpr U kTwo = kOne + (U{1} << F::kMantissaBits);
  return {e, m - 1, of_bits<T>(static_cast<IntOf<T>>(kTwo - exponent))};
}

/// Of any positive number.
template <typename T>
[[gnu::always_inline]] inline LogParts<T> log_parts_of_any(T x) {
  using F = FloatFormat<T>;
  constexpr T kUp = F::kIsDouble ? T(0x1p54) : T(0x1p25);
  const bool is_subnormal = x < std::numeric_limits<T>::min();
  LogParts<T> parts = log_parts(is_subnormal ? x * kUp : x);
  parts.e -= is_subnormal ? T(F::kIsDouble ? 54 : 25) : T{0};
  return parts;
}

/// log(1 + f) = f - f^2/2 + log_cubes(f, f^2/2).
template <typename T>
[[gnu::always_inline]] inline T log_cubes(T f, T half_square) {
  if constexpr (!FloatFormat<T>::kIsDouble) {
    const T q = polynomial<T>(f, 0x1.5556d8p-2F, -0x1.00038p-2F, 0x1.98d824p-3F, -0x1.5382a8p-3F,
                              0x1.317302p-3F, -0x1.242fa2p-3F, 0x1.645d84p-4F);
    return 2 * half_square * f * q;  // error 2^-25 of the logarithm
  }
  // With s = f / (2 + f): log((1 + s) / (1 - s)) = 2 s + s R(s^2), error 2^-58 of s.
  const T s = f / (2 + f);
  const T z = s * s;
  const T r = polynomial<T>(z, 0x1.5555555555592p-1, 0x1.999999997ff25p-2, 0x1.24924941e0785p-2,
                            0x1.c71c52150f599p-3, 0x1.74663cc6bff89p-3, 0x1.39a1ec8933c0cp-3,
                            0x1.2f03965ac234ep-3);
  return s * std::fma(z, r, half_square);
}

/// log(1 + f) = f + log_rest(f).
template <typename T>
[[gnu::always_inline]] inline T log_rest(T f) {
  const T half_square = T{0.5} * f * f;
  return log_cubes(f, half_square) - half_square;
}

/// e log(2) + log(1 + f).
template <typename T>
[[gnu::always_inline]] inline T log_of_parts(T e, T f) {
  constexpr bool kIsDouble = FloatFormat<T>::kIsDouble;
  constexpr T kLog2High = kIsDouble ? T(0x1.62e42fefa38p-1) : T(0x1.62e4p-1);
  constexpr T kLog2Low = kIsDouble ? T(0x1.ef35793c7673p-45) : T(0x1.7f7d1cp-20);
  const T rest = std::fma(e, kLog2Low, log_rest(f));
  return std::fma(e, kLog2High, f + rest);
}

/// Of zero, infinity, negative numbers and NaN; else `result`.
template <typename T>
[[gnu::always_inline]] inline T log_or_special(T x, T result) {
  using F = FloatFormat<T>;
  const T kept = x < F::kInfinity ? result : x;  // also NaN
  const T positive = x < 0 ? F::kNan : kept;
  return x == 0 ? -F::kInfinity : positive;
}

/// Negative for what plain_log does not take: all but normal positive numbers.
template <typename T>
[[gnu::always_inline]] inline IntOf<T> is_special_log(T x) {
  using U = UIntOf<T>;
  constexpr auto kFirst = std::bit_cast<U>(std::numeric_limits<T>::min());
  constexpr auto kLast = std::bit_cast<U>(std::numeric_limits<T>::max());
  const auto bits = std::bit_cast<U>(x);
  return static_cast<IntOf<T>>((bits - kFirst) | (kLast - bits));
}
template <typename T>
[[gnu::always_inline]] inline T plain_log(T x) {
  const LogParts<T> parts = log_parts(x);
  return log_of_parts(parts.e, parts.f);
}
template <typename T>
[[gnu::always_inline]] inline T any_log(T x) {
  const LogParts<T> parts = log_parts_of_any(x);
  return log_or_special(x, log_of_parts(parts.e, parts.f));
}

/// log(u + c), where u is at least a normal number and |c| at most about one unit of it.
template <typename T>
[[gnu::always_inline]] inline T log_of_sum(T u, T c) {
  const LogParts<T> parts = log_parts(u);
  return log_of_parts(parts.e, std::fma(T{0.5} * c, parts.scale, parts.f));
}
/// log(1 + x + c), |c| as above; special numbers are the caller's.
template <typename T>
[[gnu::always_inline]] inline T log_of_one_more(T x, T c) {
  const Pair<T> sum = exact_sum(T{1}, x);
  return log_of_sum(sum.high, sum.low + c);
}
template <typename T>
[[gnu::always_inline]] inline T any_log1p(T x) {
  const T result = log_of_one_more(x, T{0});
  const T kept = x < FloatFormat<T>::kInfinity ? with_sign_of(result, x) : x;
  const T positive = x < -1 ? FloatFormat<T>::kNan : kept;
  return x == -1 ? -FloatFormat<T>::kInfinity : positive;
}

/// Of another base: the logarithm of 2, and that of e, both as pairs. The first part of that of 2
/// has zeros at its end, so that an exponent times it is exact.
template <typename T>
struct LogBase {
  Pair<T> of_two;
  Pair<T> of_e;
};
template <typename T>
constexpr LogBase<T> kBaseTwo = {{1, 0}, {T(0x1.71547652b82fep0), T(0x1.777d0ffda0d24p-56)}};
template <>
inline constexpr LogBase<float> kBaseTwo<float> = {{1, 0}, {0x1.715476p0F, 0x1.4ae0cp-26F}};
template <typename T>
constexpr LogBase<T> kBaseTen = {{T(0x1.34413509f78p-2), T(0x1.fef311f12b358p-46)},
                                 {T(0x1.bcb7b1526e50ep-2), T(0x1.95355baaafad3p-57)}};
template <>
inline constexpr LogBase<float> kBaseTen<float> = {{0x1.344p-2F, 0x1.3509f8p-18F},
                                                   {0x1.bcb7b2p-2F, -0x1.5b235ep-27F}};

/// Exact results are exact.
template <typename T>
[[gnu::always_inline]] inline T log_by_base(T x, LogBase<T> base) {
  const LogParts<T> parts = log_parts_of_any(x);
  const T f = parts.f;
  const Pair<T> square = exact_product(T{0.5} * f, f);
  const Pair<T> main = ordered_sum(f, -square.high);
  const T rest = log_cubes(f, square.high) + (main.low - square.low);
  const Pair<T> scaled = exact_product(main.high, base.of_e.high);
  const T scaled_rest =
      std::fma(main.high, base.of_e.low, std::fma(rest, base.of_e.high, scaled.low));
  const Pair<T> total = exact_sum(parts.e * base.of_two.high, scaled.high);
  const T result = total.high + (total.low + std::fma(parts.e, base.of_two.low, scaled_rest));
  return log_or_special(x, result);
}

template <typename T>
[[gnu::always_inline]] inline T any_log2(T x) {
  return log_by_base(x, kBaseTwo<T>);
}
template <typename T>
[[gnu::always_inline]] inline T any_log10(T x) {
  return log_by_base(x, kBaseTen<T>);
}

}  // namespace cne::tensor
