#pragma once

#include <cstdint>
#include <cstring>

#include "core/device.h"

// Arithmetic of the objectives, the same bits on every processor: only +, -, *, / and bit moves,
// with contraction of a*b+c off in both compilers.

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
/// The sum of c[i] x^i for i below N.
template <int N>
CNE_HD inline double polynomial(const double (&c)[N], double x) {
  double p = c[N - 1];
  for (int i = N - 2; i >= 0; --i) p = p * x + c[i];
  return p;
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

/// Natural logarithm of a positive normal number, within 3 units in the last place.
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

namespace detail {
/// erf(x) for |x| <= 0.5: its Taylor series.
CNE_HD inline double erf_small(double x) {
  static constexpr double kSeries[] = {
      1.1283791670955126,      -0.37612638903183754,   0.11283791670955126,
      -0.026866170645131252,   0.005223977625442188,   -0.0008548327023450853,
      0.00012055332981789664,  -1.492565035840625e-05, 1.6462114365889248e-06,
      -1.6365844691234924e-07, 1.4807192815879218e-08, -1.2290555301717928e-09,
      9.422759064650411e-11};
  return x * polynomial(kSeries, x * x);
}
/// exp(x^2) erfc(x) for 0.5 <= x <= 28: (x + 1/2) times it as a polynomial in (x - 3) / (x + 3),
/// from its values at Chebyshev's points.
CNE_HD inline double scaled_erfc(double x) {
  static constexpr double kTerms[] = {
      0.6233346981001386,      -0.0696119744075714,     -0.015546756516570205,
      0.05453187030693358,     -0.05214122343082157,    0.03092911956390417,
      -0.011424387602832292,   0.001582507979878159,    0.0007786169295387504,
      -0.00040681988546388374, -2.0807687025350678e-05, 6.225115232898495e-05,
      -3.538472916642466e-06,  -9.892375997638551e-06,  8.585270193851715e-07,
      1.7726279322364913e-06,  -8.119749482375254e-08,  -3.4333890243860355e-07,
      -1.7778031659233407e-08, 6.245991878657613e-08,   1.089768263622483e-08,
      -7.522398639188771e-09,  -2.162685359553639e-09};
  return polynomial(kTerms, (x - 3.0) / (x + 3.0) - 0.04608294930875576) / (x + 0.5);
}
/// log gamma(2 + e) for |e| <= 1/2: e (1 + e) times a polynomial, made in the same way.
CNE_HD inline double lgamma_near_two(double e) {
  static constexpr double kTerms[] = {
      0.42278433509846713,    -0.10031730167435393,    0.032965000621155836,
      -0.012384192193367468,  0.004998641164695469,    -0.002108130834223415,
      0.0009153769223805991,  -0.00040570738897825623, 0.00018255263497305119,
      -8.309527325533694e-05, 3.816895987618124e-05,   -1.7660194017271152e-05,
      8.221478918059622e-06,  -3.856313609317478e-06,  1.8124087986144874e-06,
      -8.208987442720822e-07, 3.8837480981603403e-07,  -2.525485342958651e-07,
      1.203490776346864e-07};
  return e * (1.0 + e) * polynomial(kTerms, e);
}
}  // namespace detail

/// erfc(x), within 5 units in the last place where it is at least 1e-300; 0 beyond x = 26.2.
CNE_HD inline double erfc_exact(double x) {
  const double size = x < 0 ? -x : x;
  if (size < 0.5) return 1.0 - detail::erf_small(x);
  if (size > 26.2) return x < 0 ? 2.0 : 0.0;
  // The upper half of the digits has an exact square; the exponential of the rest is a short
  // series.
  const double upper = detail::of_bits(detail::bits_of(size) & 0xfffffffff8000000ULL);
  const double rest = (upper - size) * (upper + size);
  const double power = exp_exact(-upper * upper);
  const double tail =
      (power + power * (rest * (1.0 + rest * (0.5 + rest / 6.0)))) * detail::scaled_erfc(size);
  return x < 0 ? 2.0 - tail : tail;
}

/// log gamma(x) for x > 0 (a normal number), within 4 units in the last place of the larger of it
/// and 1/2. Shifted by whole numbers to [1.5, 2.5]; from 8 on Stirling's series.
CNE_HD inline double lgamma_exact(double x) {
  static constexpr double kStirling[] = {
      0.08333333333333333,   -0.002777777777777778,  0.0007936507936507937, -0.0005952380952380953,
      0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641,   -0.029550653594771242};
  if (x >= 8) {
    const double inverse = 1.0 / x;
    return (x - 0.5) * (log_exact(x) - 1.0) + 0.4189385332046728 +
           inverse * detail::polynomial(kStirling, inverse * inverse);
  }
  if (x < 0.5) return detail::lgamma_near_two(x) - log_exact(x) - log_exact(1.0 + x);
  if (x < 1.5) return detail::lgamma_near_two(x - 1.0) - log_exact(x);
  double product = 1;
  for (; x > 2.5; x -= 1.0) product *= x - 1.0;
  return detail::lgamma_near_two(x - 2.0) + (product > 1 ? log_exact(product) : 0.0);
}

/// The nearest integer (ties to even) of |x| <= 2^30.
CNE_HD inline int32_t round_fixed(double x) {
  return static_cast<int32_t>(static_cast<uint32_t>(detail::bits_of(x + detail::kRound)));
}

}  // namespace cne::gbdt
