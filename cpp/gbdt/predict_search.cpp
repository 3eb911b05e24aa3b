#include "gbdt/predict_search.h"

#include "core/simd.h"
#include "gbdt/predict_kernel.h"

#ifdef CNE_VBMI
#include <immintrin.h>
#endif

namespace cne::gbdt {

namespace kernels {

// Eight steps of a binary search for many values side by side.
CNE_MULTIVERSION void find_codes32(const float* bounds, const float* values, int count,
                                   uint8_t* out) {
  int32_t at[kSearchValues];
  for (int i = 0; i < count; ++i) at[i] = 0;
  for (int half = 128; half >= 1; half /= 2)
    for (int i = 0; i < count; ++i) at[i] += bounds[at[i] + half - 1] < values[i] ? half : 0;
  for (int i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(at[i]);
}

CNE_MULTIVERSION void find_codes64(const double* bounds, const double* values, int count,
                                   uint8_t* out) {
  int64_t at[kSearchValues];
  for (int i = 0; i < count; ++i) at[i] = 0;
  for (int half = 128; half >= 1; half /= 2)
    for (int i = 0; i < count; ++i) at[i] += bounds[at[i] + half - 1] < values[i] ? half : 0;
  for (int i = 0; i < count; ++i) out[i] = static_cast<uint8_t>(at[i]);
}

}  // namespace kernels

#ifdef CNE_VBMI
namespace {

/// Bounds number first, first + step, ... in registers.
template <int kTables>
CNE_VBMI void load_bounds(const float* bounds, int first, int step, __m512* tables) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i at = _mm512_mullo_epi32(lanes, _mm512_set1_epi32(step));
#pragma GCC unroll 8
  for (int t = 0; t < kTables; ++t)
    tables[t] = _mm512_i32gather_ps(at, bounds + first + 16 * step * t, 4);
}

/// A binary search that takes every bound from registers: gathers cost more.
CNE_VBMI void find_codes_wide(const float* bounds, const float* values, int count, uint8_t* out) {
  __m512 eighths[2], fourths[2], halves[4], rest[8];
  load_bounds<2>(bounds, 7, 8, eighths);
  load_bounds<2>(bounds, 3, 8, fourths);
  load_bounds<4>(bounds, 1, 4, halves);
  load_bounds<8>(bounds, 0, 2, rest);
  for (int i = 0; i < count; i += 16) {
    const __m512 x = _mm512_loadu_ps(values + i);
    __m512i at = _mm512_setzero_si512();
    const auto step = [&](__m512 bound, int half) CNE_VBMI {
      const __mmask16 above = _mm512_cmp_ps_mask(bound, x, _CMP_LT_OQ);
      at = _mm512_mask_add_epi32(at, above, at, _mm512_set1_epi32(half));
    };
    const auto twice = [&]() CNE_VBMI { at = _mm512_add_epi32(at, at); };
    const auto has = [&](int bit)
                         CNE_VBMI { return _mm512_test_epi32_mask(at, _mm512_set1_epi32(bit)); };
#pragma GCC unroll 5
    for (int half = 16; half >= 1; half /= 2)
      step(_mm512_permutex2var_ps(eighths[0], _mm512_add_epi32(at, _mm512_set1_epi32(half - 1)),
                                  eighths[1]),
           half);
    __m512 bound = _mm512_permutex2var_ps(fourths[0], at, fourths[1]);
    twice();
    step(bound, 1);
    bound = _mm512_mask_mov_ps(_mm512_permutex2var_ps(halves[0], at, halves[1]), has(32),
                               _mm512_permutex2var_ps(halves[2], at, halves[3]));
    twice();
    step(bound, 1);
    const __m512 low = _mm512_mask_mov_ps(_mm512_permutex2var_ps(rest[0], at, rest[1]), has(32),
                                          _mm512_permutex2var_ps(rest[2], at, rest[3]));
    const __m512 high = _mm512_mask_mov_ps(_mm512_permutex2var_ps(rest[4], at, rest[5]), has(32),
                                           _mm512_permutex2var_ps(rest[6], at, rest[7]));
    bound = _mm512_mask_mov_ps(low, has(64), high);
    twice();
    step(bound, 1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm512_cvtepi32_epi8(at));
  }
}

}  // namespace
#endif

void find_codes_plain(const float* bounds, const float* values, int count, uint8_t* out) {
  kernels::find_codes32(bounds, values, count, out);
}

void find_codes(const float* bounds, const float* values, int count, uint8_t* out) {
#ifdef CNE_VBMI
  if (has_wide()) return find_codes_wide(bounds, values, count, out);
#endif
  kernels::find_codes32(bounds, values, count, out);
}

void find_codes(const double* bounds, const double* values, int count, uint8_t* out) {
  kernels::find_codes64(bounds, values, count, out);
}

}  // namespace cne::gbdt
