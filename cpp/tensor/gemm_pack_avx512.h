#pragma once

#include "core/simd.h"

#ifdef CNE_AVX512

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <cstdint>

#include "tensor/gemm.h"

namespace cne::tensor {

// Panels by vectors of 16 words of 4 bytes, or 8 of 8 bytes, for kernels of AVX-512. A `Load` has
// From, the elements as they lie; Word, the unsigned type of a word; kElements, how many make one;
// and load(at, elements), the words of so many elements from `at` on, the others 0.

template <typename Word>
constexpr int kWords = 64 / static_cast<int>(sizeof(Word));

/// Rows as columns: 16 by 16 words of 4 bytes.
CNE_AVX512 inline void transpose_words(uint32_t, __m512i* rows) {
  __m512i a[16];
  __m512i b[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    b[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
    b[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
    b[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
    b[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const __m512i even_low = _mm512_shuffle_i32x4(b[j], b[4 + j], 0x88);
    const __m512i even_high = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0x88);
    const __m512i odd_low = _mm512_shuffle_i32x4(b[j], b[4 + j], 0xdd);
    const __m512i odd_high = _mm512_shuffle_i32x4(b[8 + j], b[12 + j], 0xdd);
    rows[j] = _mm512_shuffle_i32x4(even_low, even_high, 0x88);
    rows[4 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0x88);
    rows[8 + j] = _mm512_shuffle_i32x4(even_low, even_high, 0xdd);
    rows[12 + j] = _mm512_shuffle_i32x4(odd_low, odd_high, 0xdd);
  }
}
/// 8 by 8 words of 8 bytes.
CNE_AVX512 inline void transpose_words(uint64_t, __m512i* rows) {
  __m512i a[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    a[i] = _mm512_unpacklo_epi64(rows[i], rows[i + 1]);
    a[i + 1] = _mm512_unpackhi_epi64(rows[i], rows[i + 1]);
  }
#pragma GCC unroll 2
  for (int j = 0; j < 2; ++j) {
    const __m512i even_low = _mm512_shuffle_i64x2(a[j], a[2 + j], 0x88);
    const __m512i even_high = _mm512_shuffle_i64x2(a[4 + j], a[6 + j], 0x88);
    const __m512i odd_low = _mm512_shuffle_i64x2(a[j], a[2 + j], 0xdd);
    const __m512i odd_high = _mm512_shuffle_i64x2(a[4 + j], a[6 + j], 0xdd);
    rows[j] = _mm512_shuffle_i64x2(even_low, even_high, 0x88);
    rows[2 + j] = _mm512_shuffle_i64x2(odd_low, odd_high, 0x88);
    rows[4 + j] = _mm512_shuffle_i64x2(even_low, even_high, 0xdd);
    rows[6 + j] = _mm512_shuffle_i64x2(odd_low, odd_high, 0xdd);
  }
}

CNE_AVX512 inline void store_words(uint32_t* to, int64_t count, __m512i words) {
  _mm512_mask_storeu_epi32(to, static_cast<__mmask16>((uint32_t{1} << count) - 1), words);
}
CNE_AVX512 inline void store_words(uint64_t* to, int64_t count, __m512i words) {
  _mm512_mask_storeu_epi64(to, static_cast<__mmask8>((uint32_t{1} << count) - 1), words);
}

/// Words of kRows rows, of which each lies in order, `kWidth` words apart; kRows is known to the
/// compiler, which spares counts and masks.
template <typename Load, int64_t kWidth, int kRows>
CNE_AVX512 inline void turn_block(const typename Load::From* from, int64_t row,
                                  typename Load::Word* to) {
  using Word = typename Load::Word;
  constexpr int kLanes = kWords<Word>;
  __m512i rows[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r)
    rows[r] =
        r < kRows ? Load::load(from + r * row, kLanes * Load::kElements) : _mm512_setzero_si512();
  transpose_words(Word{}, rows);
#pragma GCC unroll 16
  for (int w = 0; w < kLanes; ++w) store_words(to + w * kWidth, kRows, rows[w]);
}

/// Panels of kWidth rows of which each lies in order: to(k, i) = word k of row i of a panel.
template <typename Load, int64_t kWidth>
CNE_AVX512 void pack_along(const MatrixView& m, uint8_t* out, int64_t panel_bytes) {
  using Word = typename Load::Word;
  constexpr int kLanes = kWords<Word>;
  constexpr int64_t kStep = kLanes * Load::kElements;
  const auto* from = reinterpret_cast<const typename Load::From*>(m.data);
  for (int64_t i = 0; i < m.rows;) {
    const int64_t count = std::min({int64_t{kLanes}, m.rows - i, kWidth - i % kWidth});
    Word* to = reinterpret_cast<Word*>(out + i / kWidth * panel_bytes) + i % kWidth;
    int64_t k = 0;
    constexpr int kWhole = kWidth < kLanes ? static_cast<int>(kWidth) : kLanes;
    if (count == kWhole)
      for (; k + kStep <= m.columns; k += kStep, to += kLanes * kWidth)
        turn_block<Load, kWidth, kWhole>(from + i * m.row + k, m.row, to);
    for (; k < m.columns; k += kStep, to += kLanes * kWidth) {
      const int64_t elements = std::min(m.columns - k, kStep);
      const int64_t words = (elements + Load::kElements - 1) / Load::kElements;
      __m512i rows[kLanes];
#pragma GCC unroll 16
      for (int r = 0; r < kLanes; ++r)
        rows[r] =
            r < count ? Load::load(from + (i + r) * m.row + k, elements) : _mm512_setzero_si512();
      transpose_words(Word{}, rows);
#pragma GCC unroll 16
      for (int w = 0; w < kLanes; ++w)
        if (w < words) store_words(to + w * kWidth, count, rows[w]);
    }
    i += count;
  }
}

/// Panels of kWidth rows that lie side by side: to(k, i) = m(i, k). A few columns at a time go to
/// all panels, so that what is read lies in order.
template <typename Load, int64_t kWidth>
CNE_AVX512 void pack_across(const MatrixView& m, uint8_t* out, int64_t panel_bytes) {
  using Word = typename Load::Word;
  constexpr int64_t kLanes = kWords<Word>;
  constexpr int64_t kColumns = 16;
  const auto* from = reinterpret_cast<const typename Load::From*>(m.data);
  for (int64_t first = 0; first < m.columns; first += kColumns)
    for (int64_t i = 0; i < m.rows; i += kWidth) {
      Word* panel = reinterpret_cast<Word*>(out + i / kWidth * panel_bytes);
      const int64_t last = std::min(first + kColumns, m.columns);
      const int64_t width = std::min(kWidth, m.rows - i);
      for (int64_t k = first; k < last; ++k) {
        const auto* row = from + k * m.column + i;
        Word* to = panel + k * kWidth;
      // Rows are far apart, so that the processor does not foresee them.
#pragma GCC unroll 4
        for (int64_t j = 0; j < kWidth; j += kLanes)
          __builtin_prefetch(row + kColumns * m.column + j);
        if (width == kWidth) {
#pragma GCC unroll 4
          for (int64_t j = 0; j < kWidth; j += kLanes) {
            constexpr int64_t kAll = kLanes;
            const int64_t count = kWidth - j < kAll ? kWidth - j : kAll;
            store_words(to + j, count, Load::load(row + j, count));
          }
        } else {
          for (int64_t j = 0; j < width; j += kLanes) {
            const int64_t count = std::min(kLanes, width - j);
            store_words(to + j, count, Load::load(row + j, count));
          }
        }
      }
    }
}

}  // namespace cne::tensor

#endif
