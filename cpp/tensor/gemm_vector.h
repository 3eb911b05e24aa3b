#pragma once

#include "core/simd.h"

#ifdef CNE_AVX512

#include <immintrin.h>

namespace cne::tensor {

/// A vector of AVX-512 of floats, for kernels of products.
template <typename T>
struct GemmVector;
template <>
struct GemmVector<float> {
  using Type = __m512;
  using Mask = __mmask16;
  CNE_AVX512 static Type load(const float* from) { return _mm512_loadu_ps(from); }
  CNE_AVX512 static Type load(Mask mask, const float* from) {
    return _mm512_maskz_loadu_ps(mask, from);
  }
  CNE_AVX512 static void store(float* to, Mask mask, Type v) { _mm512_mask_storeu_ps(to, mask, v); }
  CNE_AVX512 static Type zero() { return _mm512_setzero_ps(); }
  CNE_AVX512 static Type all(float value) { return _mm512_set1_ps(value); }
  CNE_AVX512 static Type fma(Type a, Type b, Type c) { return _mm512_fmadd_ps(a, b, c); }
  CNE_AVX512 static Type add(Type a, Type b) { return _mm512_add_ps(a, b); }
};
template <>
struct GemmVector<double> {
  using Type = __m512d;
  using Mask = __mmask8;
  CNE_AVX512 static Type load(const double* from) { return _mm512_loadu_pd(from); }
  CNE_AVX512 static Type load(Mask mask, const double* from) {
    return _mm512_maskz_loadu_pd(mask, from);
  }
  CNE_AVX512 static void store(double* to, Mask mask, Type v) {
    _mm512_mask_storeu_pd(to, mask, v);
  }
  CNE_AVX512 static Type zero() { return _mm512_setzero_pd(); }
  CNE_AVX512 static Type all(double value) { return _mm512_set1_pd(value); }
  CNE_AVX512 static Type fma(Type a, Type b, Type c) { return _mm512_fmadd_pd(a, b, c); }
  CNE_AVX512 static Type add(Type a, Type b) { return _mm512_add_pd(a, b); }
};

}  // namespace cne::tensor

#endif
