#pragma once

#include "tensor/exp_math.h"

namespace cne::tensor {

// The error function: a polynomial near 0, beyond it 1 - erfc(x). That is exp(P(x)) in float64,
// where P is log(erfc(x)) with the weight erfc(x), so that it has digits where they count, and
// P(x)^4 in float32, with the weight P(x)^3.

/// erf(t) / t - 1 by z = t^2, for t up to 1, or 0.93 in float32.
template <typename T>
[[gnu::always_inline]] inline T erf_near_zero(T z) {
  if constexpr (FloatFormat<T>::kIsDouble)
    return polynomial<T>(z, 0x1.06eba8214db69p-3, -0x1.812746b0379b2p-2, 0x1.ce2f21a0408d1p-4,
                         -0x1.b82ce311ee09bp-6, 0x1.565bccf7e2856p-8, -0x1.c02db0149d904p-11,
                         0x1.f9a2b75531772p-14, -0x1.f4ca204c771c5p-17, 0x1.b97e44280cfb9p-20,
                         -0x1.5bfe76384472p-23, 0x1.d6e3ddfeb1f49p-27, -0x1.ab15c51d2ebebp-31);
  else
    return polynomial<T>(z, 0x1.06eba6p-3F, -0x1.8126e2p-2F, 0x1.ce1986p-4F, -0x1.b67c04p-6F,
                         0x1.46d9e6p-8F, -0x1.387442p-11F);
}

/// erf(t) from there on, up to 6, or 4.
template <typename T>
[[gnu::always_inline]] inline T erf_far_from_zero(T t) {
  if constexpr (FloatFormat<T>::kIsDouble) {
    const T log_erfc =
        polynomial<T>(t, -0x1.20dd74073f7d5p0, -0x1.45f317cc3cb16p-1, -0x1.a4f2e9c93dfcdp-4,
                      0x1.3956c2c7a290bp-6, 0x1.bdb90c5f69838p-13, -0x1.bbe1bd2467326p-10,
                      0x1.2da3b012ca2c7p-11, 0x1.e2780787d9f11p-22, -0x1.8f26982d1896ep-14,
                      0x1.d4c8d0f7c8942p-15, -0x1.547368644c78bp-16, 0x1.68387c81fb939p-18,
                      -0x1.2052b734d7563p-20, 0x1.5c93563658281p-23, -0x1.35eeebf1d1121p-26,
                      0x1.7f4e684cd8342p-30, -0x1.26bc1a9cfdd9p-34, 0x1.a872e1b7c2954p-40);
    return 1 - plain_exp(t * log_erfc);
  } else {
    const T root = polynomial<T>(t, 0x1.0060d6p0F, -0x1.292f5ap-2F, -0x1.9a95a6p-4F,
                                 -0x1.395a02p-7F, 0x1.396c66p-5F, -0x1.520d2ep-7F, 0x1.05d56p-13F,
                                 0x1.208096p-12F, -0x1.dd959p-16F);
    const T square = root * root;
    return std::fma(-square, square, T{1});
  }
}

template <typename T>
[[gnu::always_inline]] inline T any_erf(T x) {
  constexpr bool kIsDouble = FloatFormat<T>::kIsDouble;
  constexpr T kOne = kIsDouble ? T(6) : T(4);  // erf is 1 from here on
  const T a = std::abs(x);
  const T t = a > kOne ? kOne : a;
  const T small = std::fma(erf_near_zero(t * t), t, t);
  const T large = erf_far_from_zero(t);
  return with_sign_of(t < (kIsDouble ? T(1) : T(0.93)) ? small : large, x);
}

/// 1 - erf(x), to its last digit: exp(-x^2) / (1 + 2 x) times a polynomial of (x - 4) / (x + 4).
template <typename T>
[[gnu::always_inline]] inline T any_erfc(T number) {
  const double x = number;  // float32 too: it is used little
  const double a = std::abs(x);
  const double t = a > 28 ? 28.0 : a;
  const double q = (t - 4) / (t + 4);
  const double p = polynomial<double>(
      q, 0x1.3ba5916e9fd7fp0, -0x1.1df1ad154a26ep-3, 0x1.f7f5df66fbep-7, 0x1.16ecefcfa34c5p-4,
      -0x1.9ddb23c3dcaa3p-4, 0x1.7fee004e58f6ep-4, -0x1.0fb06dff70552p-4, 0x1.3079eded2a2e4p-5,
      -0x1.0962384d5bef1p-6, 0x1.49c6754359e64p-8, -0x1.8d4aca55bdb75p-11, -0x1.a1e11794617cbp-13,
      0x1.3be3763069803p-13, -0x1.9921491c12c36p-16, -0x1.790e3c775cb74p-17, 0x1.7d2610a044b7fp-18,
      0x1.5601c7b72e88cp-22, -0x1.a3fda35adc4edp-21, 0x1.b61bca7e3b892p-25, 0x1.3f610e5ed5463p-24,
      -0x1.bd33aa3576a7fp-28);
  const Pair<double> square = exact_product(t, t);
  const ExpParts<double> parts = exp_parts(-square.high);
  const double e = exp_fraction(parts.r - square.low) + 1;
  const double tail = scaled(p * e / std::fma(2, t, 1), parts.k);
  const double near_zero = 1 - std::fma(erf_near_zero(x * x), x, x);
  const double large = x < 0 ? 2 - tail : tail;
  return static_cast<T>(a < 0.5 ? near_zero : large);
}

}  // namespace cne::tensor
