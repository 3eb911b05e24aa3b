#pragma once

#include "tensor/log_math.h"

namespace cne::tensor {

// The inverse of erf: x times a polynomial of w = -log(1 - x^2), or of its root where it is large,
// after Giles, Approximating the erfinv function, GPU Computing Gems 2011. The polynomials pass
// through the exact values at Chebyshev's points.

[[gnu::always_inline]] inline float erfinv_ratio(float w) {
  const float root = std::sqrt(w) - 3.15F;
  const float small =
      polynomial<float>(w - 2.5F, 0x1.805c5cp0F, 0x1.f91e8cp-3F, -0x1.11c3ccp-8F, -0x1.486688p-10F,
                        0x1.c9b83ap-13F, -0x1.4cd6dcp-18F, -0x1.cb7b9ep-19F, 0x1.f3bcf6p-22F,
                        0x1.129bb8p-26F, -0x1.2c4526p-27F, 0x1.00d79ap-31F);
  const float large =
      polynomial<float>(root, 0x1.7de0ap1F, 0x1.010a2ap0F, 0x1.b4bf0ap-8F, -0x1.437c52p-8F,
                        0x1.c962bp-9F, -0x1.32c644p-9F, 0x1.3d7786p-10F, -0x1.5c8872p-12F,
                        -0x1.604c5ep-14F, 0x1.e1c53cp-14F, -0x1.0e6de8p-15F);
  return w < 5 ? small : large;
}
[[gnu::always_inline]] inline double erfinv_ratio(double w) {
  const double root = std::sqrt(w);
  const double small = polynomial<double>(
      w - 3.125, 0x1.a755e7c99ae86p0, 0x1.ebd80d9b13dfap-3, -0x1.8b6c33114ea2fp-8,
      -0x1.84576948359ddp-11, 0x1.879c2a20aeb2ep-13, -0x1.d1d1f7c9ffa6dp-17, -0x1.6e8a53c7ac2ffp-20,
      0x1.c6b4f8868f532p-22, -0x1.f36ceed4416aep-26, -0x1.1a9eb00326b9bp-28, 0x1.20f544d62fff1p-30,
      -0x1.dc3f457145cd3p-35, -0x1.c8a6afa1550f4p-37, 0x1.7236b79e1d57ep-39, -0x1.6b86f85109f07p-44,
      -0x1.6877e8ae70f27p-45, 0x1.d5e95ecc5f898p-48, -0x1.6b6b0fc6a580fp-55, -0x1.19ac650194dcap-53,
      0x1.1e1f9ee618b29p-56, 0x1.669b9213d3cdfp-61, -0x1.9a137911c05cfp-62, 0x1.79a647e43b44ep-66,
      0x1.e2aa7ddd776b6p-69, -0x1.b2643e45e1856p-72);
  const double large = polynomial<double>(
      root - 3.25, 0x1.8abcc380d5a48p1, 0x1.0158a6d641d55p0, 0x1.5ffcfe5b6cd38p-8,
      -0x1.ebadabba02be5p-9, 0x1.468eeca944c44p-9, -0x1.ba9240d8768c3p-10, 0x1.f3cc545d9ca81p-11,
      -0x1.7448bcc8e9aa7p-12, 0x1.932e8fd4360edp-16, 0x1.1e6abbe66ca02p-14, -0x1.8cf463501e9ap-15,
      0x1.a241c6f237f34p-17, 0x1.899aa0e374402p-19, -0x1.0b79e820e8497p-18, 0x1.8db69feb41fb6p-20,
      -0x1.da75906425fdap-26, -0x1.079a074d6994p-22, 0x1.1a9484c4d3628p-23, -0x1.674f1725daa65p-26,
      -0x1.06f1da245bfd3p-26, 0x1.07e3c2020286fp-27);
  const double end = polynomial<double>(
      root - 5.025, 0x1.3802af1f9b6cap2, 0x1.02a29212908c1p0, -0x1.442542eb60da9p-13,
      -0x1.b344bd734e253p-13, 0x1.349aa67212c4ap-14, -0x1.3f07ced04b87bp-16, 0x1.2456dc7614282p-18,
      -0x1.fd51fe3891912p-21, 0x1.cce8d29baa388p-23, -0x1.05322da00cebep-24, 0x1.afebac9cd3344p-26,
      -0x1.bfd94e13c0d5ap-27, 0x1.cfaabaf9d4228p-28, -0x1.a957a99834257p-29, 0x1.4348dfb533dbdp-30,
      -0x1.8669426377821p-32, 0x1.4ba66f2954758p-34, 0x1.1584a8d47f5ccp-37, -0x1.3bb61ab076a08p-36,
      0x1.826411fd45e12p-38);
  const double beyond = root < 4 ? large : end;
  return w < 6.25 ? small : beyond;
}

template <typename T>
[[gnu::always_inline]] inline T any_erfinv(T x) {
  const T a = std::abs(x);
  const T w = -plain_log((1 - a) * (1 + a));
  const T inside = x * erfinv_ratio(w);
  const T edge = a == 1 ? with_sign_of(FloatFormat<T>::kInfinity, x) : FloatFormat<T>::kNan;
  return a < 1 ? inside : edge;
}

}  // namespace cne::tensor
