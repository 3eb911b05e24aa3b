#pragma once

#include <cstdint>
#include <cstring>

// Arithmetic of the objectives, the same bits on every processor: only +, -, *, / and bit moves,
// with contraction of a*b+c off in both compilers.
#ifndef CNE_HD
#ifdef __CUDACC__
#define CNE_HD __host__ __device__
#else
#define CNE_HD
#endif
#endif

namespace cne::gbdt {

namespace detail {
CNE_HD inline uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}
CNE_HD inline double of_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}
// Adding it leaves the nearest integer (ties to even) in the low bits, for |x| < 2^51.
inline constexpr double kRound = 6755399441055744.0;
}  // namespace detail

/// exp(x) with an error below 2 units in the last place; x is clamped to [-708, 708].
/// x = k ln 2 + r with |r| <= ln 2 / 2, then the Taylor series of r to the 13th power.
CNE_HD inline double exp_exact(double x) {
  x = x < -708.0 ? -708.0 : x;
  x = x > 708.0 ? 708.0 : x;
  const double shifted = x * 1.4426950408889634 + detail::kRound;
  const double k = shifted - detail::kRound;
  const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  double p = 1.6059043836821613e-10;
  p = p * r + 2.08767569878681e-09;
  p = p * r + 2.505210838544172e-08;
  p = p * r + 2.755731922398589e-07;
  p = p * r + 2.7557319223985893e-06;
  p = p * r + 2.48015873015873e-05;
  p = p * r + 1.984126984126984e-04;
  p = p * r + 1.388888888888889e-03;
  p = p * r + 8.333333333333333e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  // The low bits of `shifted` are k.
  return p * detail::of_bits((detail::bits_of(shifted) + 1023) << 52);
}

/// Natural logarithm of a positive normal number, within 2 units in the last place.
/// x = 2^k m with m in [sqrt(1/2), sqrt(2)); log m = 2 atanh((m - 1) / (m + 1)) as its series.
CNE_HD inline double log_exact(double x) {
  const uint64_t bits = detail::bits_of(x);
  int64_t k = static_cast<int64_t>(bits >> 52) - 1023;
  double m = detail::of_bits((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++k;
  }
  const double s = (m - 1.0) / (m + 1.0);
  const double s2 = s * s;
  double p = 1.0 / 21.0;
  for (int n = 19; n >= 1; n -= 2) p = p * s2 + 1.0 / n;
  const auto exponent = static_cast<double>(k);
  return exponent * 6.93147180369123816490e-01 +
         (2.0 * s * p + exponent * 1.90821492927058770002e-10);
}

/// 1 / (1 + exp(-x)).
CNE_HD inline double sigmoid(double x) { return 1.0 / (1.0 + exp_exact(-x)); }

/// log(1 + exp(x)) without overflow.
CNE_HD inline double softplus(double x) {
  const double tail = exp_exact(x > 0 ? -x : x);
  // Below 2^-27 the second term of the series decides; above, log keeps enough digits.
  const double rest =
      tail < 7.450580596923828e-09 ? tail - 0.5 * tail * tail : log_exact(1.0 + tail);
  return (x > 0 ? x : 0.0) + rest;
}

/// The nearest integer (ties to even) of |x| <= 2^30.
CNE_HD inline int32_t round_fixed(double x) {
  return static_cast<int32_t>(static_cast<uint32_t>(detail::bits_of(x + detail::kRound)));
}

}  // namespace cne::gbdt
