#pragma once

#include "core/simd.h"

#ifdef CNE_AVX512

#include <immintrin.h>

#include <cstdint>

#include "tensor/half.h"

namespace cne::tensor {

/// Elements as the words that are multiplied, for panels (see gemm_pack_avx512.h).
template <typename T>
struct Load;
template <>
struct Load<float> {
  using From = float;
  using Word = uint32_t;
  static constexpr int64_t kElements = 1;
  CNE_AVX512 static __m512i load(const float* at, int64_t count) {
    return _mm512_maskz_loadu_epi32(static_cast<__mmask16>((uint32_t{1} << count) - 1), at);
  }
};
template <>
struct Load<double> {
  using From = double;
  using Word = uint64_t;
  static constexpr int64_t kElements = 1;
  CNE_AVX512 static __m512i load(const double* at, int64_t count) {
    return _mm512_maskz_loadu_epi64(static_cast<__mmask8>((uint32_t{1} << count) - 1), at);
  }
};
template <>
struct Load<BFloat16> {
  using From = BFloat16;
  using Word = uint32_t;
  static constexpr int64_t kElements = 1;
  CNE_AVX512 static __m512i load(const BFloat16* at, int64_t count) {
    const auto mask = static_cast<__mmask16>((uint32_t{1} << count) - 1);
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, at));
    return _mm512_maskz_slli_epi32(mask, wide, 16);
  }
};
template <>
struct Load<Half> {
  using From = Half;
  using Word = uint32_t;
  static constexpr int64_t kElements = 1;
  CNE_AVX512 static __m512i load(const Half* at, int64_t count) {
    const auto mask = static_cast<__mmask16>((uint32_t{1} << count) - 1);
    return _mm512_castps_si512(_mm512_maskz_cvtph_ps(mask, _mm256_maskz_loadu_epi16(mask, at)));
  }
};

template <>
struct Load<int8_t> {
  using From = int8_t;
  using Word = uint32_t;
  static constexpr int64_t kElements = 1;
  CNE_AVX512 static __m512i load(const int8_t* at, int64_t count) {
    const auto mask = static_cast<__mmask16>((uint32_t{1} << count) - 1);
    return _mm512_castps_si512(
        _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(mask, at))));
  }
};

}  // namespace cne::tensor

#endif
