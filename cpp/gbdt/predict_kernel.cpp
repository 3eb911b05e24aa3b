#include "gbdt/predict_kernel.h"

#include <algorithm>
#include <cstring>

#include "core/simd.h"
#include "gbdt/predict_code.h"

#ifdef CNE_VBMI
#include <immintrin.h>
#endif

namespace cne::gbdt {

namespace kernels {

CNE_MULTIVERSION void cut_numbers(const uint8_t* codes, const Cut cut, int rows, uint8_t* at) {
  for (int i = 0; i < rows; ++i)
    at[i] = (at[i] == cut.region) & (codes[i] <= cut.code) ? cut.next : at[i];
}

CNE_MULTIVERSION void cut_level(const uint8_t* codes, const Cut cut, int rows, uint8_t* at) {
  for (int i = 0; i < rows; ++i)
    at[i] = static_cast<uint8_t>(at[i] | (codes[i] <= cut.code ? 0 : cut.next));
}

CNE_MULTIVERSION void add_values64(const double* values, const uint8_t* at, int rows,
                                   double* scores) {
  for (int i = 0; i < rows; ++i) scores[i] += values[at[i]];
}

CNE_MULTIVERSION void add_values32(const float* values, const uint8_t* at, int rows,
                                   float* scores) {
  for (int i = 0; i < rows; ++i) scores[i] += values[at[i]];
}

}  // namespace kernels

namespace plain {

void find_regions(const Cut* cuts, int count, bool symmetric, const uint8_t* parts,
                  const uint8_t* codes, int rows, uint8_t* at) {
  std::memset(at, 0, static_cast<size_t>(rows));
  for (int c = 0; c < count; ++c) {
    const Cut& cut = cuts[c];
    const uint8_t* x = codes + size_t{cut.column} * kCodeRows;
    if (!cut.categorical) {
      (symmetric ? kernels::cut_level : kernels::cut_numbers)(x, cut, rows, at);
      continue;
    }
    for (int i = 0; i < rows; ++i) {
      const bool left = (parts[x[i]] & x[kCodeRows + i]) != 0;
      if (symmetric)
        at[i] = static_cast<uint8_t>(at[i] | (left ? 0 : cut.next));
      else
        at[i] = at[i] == cut.region && left ? cut.next : at[i];
    }
    parts += 64;
  }
}

template <>
void add_values(const double* values, int, const uint8_t* at, int rows, double* scores) {
  kernels::add_values64(values, at, rows, scores);
}
template <>
void add_values(const float* values, int, const uint8_t* at, int rows, float* scores) {
  kernels::add_values32(values, at, rows, scores);
}

}  // namespace plain

#ifdef CNE_VBMI

// Intrinsics: compilers keep neither the regions in registers nor use byte permutations.

bool has_wide() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vbmi");
  return has;
}

namespace wide {

namespace {

constexpr int kXorOr = 0xF6;  // a | (b ^ c)

template <int kGroups, bool kSymmetric>
CNE_VBMI void cut_rows(const Cut* cuts, int count, const uint8_t* parts, const uint8_t* codes,
                       uint8_t* out) {
  __m512i at[kGroups];
  for (__m512i& group : at) group = _mm512_setzero_si512();
  for (int c = 0; c < count; ++c) {
    const Cut cut = cuts[c];
    const uint8_t* x = codes + size_t{cut.column} * kCodeRows;
    const __m512i code = _mm512_set1_epi8(static_cast<char>(cut.code));
    const __m512i region = _mm512_set1_epi8(static_cast<char>(cut.region));
    const __m512i next = _mm512_set1_epi8(static_cast<char>(cut.next));
    const auto step = [&](__m512i right, __m512i& group) CNE_VBMI {
      if constexpr (kSymmetric) {
        const __mmask64 moved = _mm512_test_epi8_mask(right, right);
        group = _mm512_mask_blend_epi8(moved, group, _mm512_or_si512(group, next));
      } else {
        const __m512i stays = _mm512_ternarylogic_epi32(right, group, region, kXorOr);
        group = _mm512_mask_mov_epi8(group, _mm512_testn_epi8_mask(stays, stays), next);
      }
    };
    if (cut.categorical) {
      const __m512i part = _mm512_loadu_si512(parts);
      parts += 64;
#pragma GCC unroll 8
      for (int g = 0; g < kGroups; ++g) {
        const __m512i bytes = _mm512_permutexvar_epi8(_mm512_loadu_si512(x + 64 * g), part);
        step(_mm512_andnot_si512(bytes, _mm512_loadu_si512(x + kCodeRows + 64 * g)), at[g]);
      }
    } else {
#pragma GCC unroll 8
      for (int g = 0; g < kGroups; ++g)
        step(_mm512_subs_epu8(_mm512_loadu_si512(x + 64 * g), code), at[g]);
    }
  }
#pragma GCC unroll 8
  for (int g = 0; g < kGroups; ++g) _mm512_storeu_si512(out + 64 * g, at[g]);
}

template <bool kSymmetric>
void cut_all(const Cut* cuts, int count, const uint8_t* parts, const uint8_t* codes, int rows,
             uint8_t* at) {
  int i = 0;
  for (; i + 512 <= rows; i += 512) cut_rows<8, kSymmetric>(cuts, count, parts, codes + i, at + i);
  for (; i + 128 < rows; i += 256) cut_rows<4, kSymmetric>(cuts, count, parts, codes + i, at + i);
  for (; i < rows; i += 64) cut_rows<1, kSymmetric>(cuts, count, parts, codes + i, at + i);
}

template <int kTable>
CNE_VBMI void add_permuted(const double* values, const uint8_t* at, int rows, double* scores) {
  __m512d table[kTable / 8];
#pragma GCC unroll 8
  for (int j = 0; j < kTable / 8; ++j) table[j] = _mm512_loadu_pd(values + 8 * j);
  for (int i = 0; i < rows; i += 8) {
    const __m512i k =
        _mm512_cvtepu8_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at + i)));
    __m512d found = _mm512_permutex2var_pd(table[0], k, table[1]);
    if constexpr (kTable >= 32) {
      const __mmask8 bit4 = _mm512_test_epi64_mask(k, _mm512_set1_epi64(16));
      const __m512d second = _mm512_permutex2var_pd(table[2], k, table[3]);
      found = _mm512_mask_mov_pd(found, bit4, second);
      if constexpr (kTable == 64) {
        const __m512d third = _mm512_permutex2var_pd(table[4], k, table[5]);
        const __m512d fourth = _mm512_permutex2var_pd(table[6], k, table[7]);
        const __mmask8 bit5 = _mm512_test_epi64_mask(k, _mm512_set1_epi64(32));
        found = _mm512_mask_mov_pd(found, bit5, _mm512_mask_mov_pd(third, bit4, fourth));
      }
    }
    _mm512_storeu_pd(scores + i, _mm512_add_pd(_mm512_loadu_pd(scores + i), found));
  }
}

}  // namespace

void find_regions(const Cut* cuts, int count, bool symmetric, const uint8_t* parts,
                  const uint8_t* codes, int rows, uint8_t* at) {
  (symmetric ? cut_all<true> : cut_all<false>)(cuts, count, parts, codes, rows, at);
}

template <>
void add_values(const double* values, int padded, const uint8_t* at, int rows, double* scores) {
  const int whole = (rows + 7) / 8 * 8;
  if (padded == 16) return add_permuted<16>(values, at, whole, scores);
  if (padded == 32) return add_permuted<32>(values, at, whole, scores);
  if (padded == 64) return add_permuted<64>(values, at, whole, scores);
  kernels::add_values64(values, at, rows, scores);
}

template <>
CNE_VBMI void add_values(const float* values, int padded, const uint8_t* at, int rows,
                         float* scores) {
  if (padded > 64) return kernels::add_values32(values, at, rows, scores);
  __m512 table[4];
  for (int j = 0; j < 4; ++j)
    table[j] = _mm512_loadu_ps(values + 16 * std::min(j, padded / 16 - 1));
  for (int i = 0; i < rows; i += 16) {
    const __m512i k =
        _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i)));
    const __m512 low = _mm512_permutex2var_ps(table[0], k, table[1]);
    const __m512 high = _mm512_permutex2var_ps(table[2], k, table[3]);
    const __mmask16 bit5 = _mm512_test_epi32_mask(k, _mm512_set1_epi32(32));
    _mm512_storeu_ps(scores + i, _mm512_add_ps(_mm512_loadu_ps(scores + i),
                                               _mm512_mask_mov_ps(low, bit5, high)));
  }
}

namespace {

template <bool kSymmetric>
CNE_VBMI void cut_lanes(const LaneCuts* cuts, int count, const uint8_t* codes, uint8_t* out) {
  constexpr int kGroups = kLanes / 64;
  const __m512i low = _mm512_loadu_si512(codes);
  const __m512i high = _mm512_loadu_si512(codes + 64);
  __m512i at[kGroups];
  for (__m512i& group : at) group = _mm512_setzero_si512();
  for (int c = 0; c < count; ++c) {
    const LaneCuts& cut = cuts[c];
    const __m512i next = _mm512_set1_epi8(static_cast<char>(c + 1));
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) {
      const __m512i x = _mm512_permutex2var_epi8(low, _mm512_load_si512(cut.column + 64 * g), high);
      const __m512i right = _mm512_subs_epu8(x, _mm512_load_si512(cut.code + 64 * g));
      const __m512i region = _mm512_load_si512(cut.region + 64 * g);
      if constexpr (kSymmetric) {
        at[g] = _mm512_mask_blend_epi8(_mm512_test_epi8_mask(right, right), at[g],
                                       _mm512_or_si512(at[g], region));
      } else {
        const __m512i stays = _mm512_ternarylogic_epi32(right, at[g], region, kXorOr);
        at[g] = _mm512_mask_mov_epi8(at[g], _mm512_testn_epi8_mask(stays, stays), next);
      }
    }
  }
#pragma GCC unroll 4
  for (int g = 0; g < kGroups; ++g) _mm512_storeu_si512(out + 64 * g, at[g]);
}

}  // namespace

void find_lanes(const LaneCuts* cuts, int count, bool symmetric, const uint8_t* codes,
                uint8_t* at) {
  (symmetric ? cut_lanes<true> : cut_lanes<false>)(cuts, count, codes, at);
}

}  // namespace wide

#else

bool has_wide() { return false; }

namespace wide {
void find_regions(const Cut* cuts, int count, bool symmetric, const uint8_t* parts,
                  const uint8_t* codes, int rows, uint8_t* at) {
  plain::find_regions(cuts, count, symmetric, parts, codes, rows, at);
}
template <>
void add_values(const double* values, int padded, const uint8_t* at, int rows, double* scores) {
  plain::add_values(values, padded, at, rows, scores);
}
template <>
void add_values(const float* values, int padded, const uint8_t* at, int rows, float* scores) {
  plain::add_values(values, padded, at, rows, scores);
}
void find_lanes(const LaneCuts*, int, bool, const uint8_t*, uint8_t*) {}
}  // namespace wide

#endif

}  // namespace cne::gbdt
