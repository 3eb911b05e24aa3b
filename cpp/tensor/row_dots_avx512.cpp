#include <algorithm>
#include <cassert>

#include "core/simd.h"
#include "tensor/half.h"
#include "tensor/row_dots.h"

#ifdef CNE_AVX512
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace cne::tensor {

#ifdef CNE_AVX512

namespace {

/// The two vectors of a block, as dot_lane orders it.
struct Block {
  __m512 low;
  __m512 high;
};

CNE_AVX512 inline Block widened(const BFloat16* at) {
  const __m512i words = _mm512_loadu_si512(at);
  return {_mm512_castsi512_ps(_mm512_slli_epi32(words, 16)),
          _mm512_castsi512_ps(_mm512_and_si512(words, _mm512_set1_epi32(-65536)))};
}
CNE_AVX512 inline Block widened(const Half* at) {
  const auto* halves = reinterpret_cast<const __m256i*>(at);
  return {_mm512_cvtph_ps(_mm256_loadu_si256(halves)),
          _mm512_cvtph_ps(_mm256_loadu_si256(halves + 1))};
}
CNE_AVX512 inline Block widened(const int8_t* at) {
  const auto* bytes = reinterpret_cast<const __m128i*>(at);
  return {_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(bytes))),
          _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(bytes + 1)))};
}

/// sums += R rows of the weight, `weight_row` apart, times M rows of x, `x_row` apart.
template <int R, int M, typename W>
CNE_AVX512 inline void add_block(const W* weight, int64_t weight_row, const float* x, int64_t x_row,
                                 Block (&sums)[R][M]) {
#pragma GCC unroll 4
  for (int j = 0; j < R; ++j) {
    const Block w = widened(weight + j * weight_row);
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i) {
      Block& sum = sums[j][i];
      sum.low = _mm512_fmadd_ps(w.low, _mm512_loadu_ps(x + i * x_row), sum.low);
      sum.high = _mm512_fmadd_ps(w.high, _mm512_loadu_ps(x + i * x_row + 16), sum.high);
    }
  }
}

template <int R, int M, typename W>
CNE_AVX512 void multiply(const RowDots& d, const float* blocks, int64_t first, float* out,
                         int64_t out_row) {
  const W* weight = reinterpret_cast<const W*>(d.weight) + first * d.weight_row;
  const int64_t padded = (d.k + kDotBlock - 1) / kDotBlock * kDotBlock;
  Block sums[R][M];
#pragma GCC unroll 4
  for (int j = 0; j < R; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i) sums[j][i] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  int64_t k = 0;
  for (; k + kDotBlock <= d.k; k += kDotBlock)
    add_block<R, M>(weight + k, d.weight_row, blocks + k, padded, sums);
  if (k < d.k) {
    W rest[R * kDotBlock] = {};
    for (int j = 0; j < R; ++j)
      std::copy(weight + j * d.weight_row + k, weight + j * d.weight_row + d.k,
                rest + j * kDotBlock);
    add_block<R, M>(rest, kDotBlock, blocks + k, padded, sums);
  }
#pragma GCC unroll 4
  for (int j = 0; j < R; ++j)
#pragma GCC unroll 4
    for (int i = 0; i < M; ++i)
      out[i * out_row + first + j] =
          _mm512_reduce_add_ps(_mm512_add_ps(sums[j][i].low, sums[j][i].high));
}

template <int M, typename W>
void rows(const RowDots& d, const float* blocks, int64_t begin, int64_t end, float* out,
          int64_t out_row) {
  constexpr int kRows = M == 1 ? 4 : 2;
  int64_t j = begin;
  for (; j + kRows <= end; j += kRows) multiply<kRows, M, W>(d, blocks, j, out, out_row);
  for (; j < end; ++j) multiply<1, M, W>(d, blocks, j, out, out_row);
}

template <typename W>
void any_rows(const RowDots& d, const float* blocks, int64_t begin, int64_t end, float* out,
              int64_t out_row) {
  constexpr decltype(&rows<1, W>) kByCount[] = {rows<1, W>, rows<2, W>, rows<3, W>, rows<4, W>};
  kByCount[d.m - 1](d, blocks, begin, end, out, out_row);
}

}  // namespace

void avx512_row_dots(const RowDots& d, const float* blocks, int64_t begin, int64_t end, float* out,
                     int64_t out_row) {
  const auto run = d.element == Element::kBFloat16  ? any_rows<BFloat16>
                   : d.element == Element::kFloat16 ? any_rows<Half>
                                                    : any_rows<int8_t>;
  run(d, blocks, begin, end, out, out_row);
}

#else

void avx512_row_dots(const RowDots&, const float*, int64_t, int64_t, float*, int64_t) {
  assert(false);
}

#endif

}  // namespace cne::tensor
