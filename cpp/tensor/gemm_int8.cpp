#include "tensor/gemm_int8.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "core/simd.h"
#include "tensor/gemm_integer.h"
#include "tensor/gemm_pack_avx512.h"

namespace cne::tensor {

#ifdef CNE_VNNI

namespace {

// The instruction multiplies four unsigned bytes with four signed ones and adds all to an int32. So
// a is packed as a + 128, and 128 times the sum of each column of b is taken off: it stands behind
// the panel of b. Panels hold four neighbours along the depth side by side.

constexpr int kRows = 14;  // with two vectors a row they fill 28 of the 32 registers
constexpr int kLanes = 16;
constexpr int64_t kColumns = 2 * kLanes;
constexpr int64_t kDepth = 1024;
constexpr int64_t kFour = 4;

int64_t fours(int64_t depth) { return (depth + kFour - 1) / kFour; }

template <int R, int V>
CNE_VNNI void multiply(const GemmTile& t) {
  const int64_t steps = fours(t.depth);
  __mmask16 masks[V];
  __m512i sums[R][V];
  for (int v = 0; v < V; ++v) {
    const int64_t left = std::min<int64_t>(t.columns - v * kLanes, kLanes);
    masks[v] = static_cast<__mmask16>((uint32_t{1} << left) - 1);
    const __m512i start = _mm512_loadu_si512(t.b + (steps * kColumns + v * kLanes) * 4);
#pragma GCC unroll 14
    for (int i = 0; i < R; ++i) sums[i][v] = start;
  }
  const uint8_t* a = t.a;
  const uint8_t* b = t.b;
  for (int64_t k = 0; k < steps; ++k, a += kRows * kFour, b += kColumns * kFour) {
    __m512i row[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) row[v] = _mm512_loadu_si512(b + v * 64);
#pragma GCC unroll 14
    for (int i = 0; i < R; ++i) {
      int32_t four;
      std::memcpy(&four, a + i * kFour, sizeof four);
      const __m512i value = _mm512_set1_epi32(four);
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sums[i][v] = _mm512_dpbusd_epi32(sums[i][v], value, row[v]);
    }
  }
  int32_t* c = reinterpret_cast<int32_t*>(t.c);
#pragma GCC unroll 14
  for (int i = 0; i < R; ++i, c += t.c_row)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      int32_t* to = c + v * kLanes;
      const __m512i sum = t.adds
                              ? _mm512_add_epi32(_mm512_maskz_loadu_epi32(masks[v], to), sums[i][v])
                              : sums[i][v];
      _mm512_mask_storeu_epi32(to, masks[v], sum);
    }
}

using Tile = void (*)(const GemmTile&);

template <int... R>
constexpr std::array<std::array<Tile, kRows>, 2> tiles(std::integer_sequence<int, R...>) {
  return {{{multiply<R + 1, 1>...}, {multiply<R + 1, 2>...}}};
}

void run_tile(const GemmTile& tile) {
  static constexpr auto kTiles = tiles(std::make_integer_sequence<int, kRows>());
  kTiles[tile.columns > kLanes][static_cast<size_t>(tile.rows - 1)](tile);
}

/// Four bytes along the depth as a word; those beyond it are 0.
template <bool kIsUnsigned>
struct LoadFours {
  using From = uint8_t;
  using Word = uint32_t;
  static constexpr int64_t kElements = kFour;
  CNE_VNNI static __m512i load(const uint8_t* at, int64_t bytes) {
    const auto mask = ~uint64_t{0} >> (64 - bytes);
    const __m512i words = _mm512_maskz_loadu_epi8(mask, at);
    return kIsUnsigned ? _mm512_xor_si512(words, _mm512_set1_epi8(-128)) : words;
  }
};

/// Four rows of 16 bytes as 16 words of four.
template <bool kIsUnsigned>
CNE_VNNI __m512i interleaved(const uint8_t* from, int64_t stride, int64_t rows, int64_t count) {
  const auto mask = static_cast<__mmask16>((uint32_t{1} << count) - 1);
  __m128i four[kFour];
#pragma GCC unroll 4
  for (int64_t r = 0; r < kFour; ++r)
    four[r] = r < rows ? _mm_maskz_loadu_epi8(mask, from + r * stride) : _mm_setzero_si128();
  const __m128i low[] = {_mm_unpacklo_epi8(four[0], four[1]), _mm_unpacklo_epi8(four[2], four[3])};
  const __m128i high[] = {_mm_unpackhi_epi8(four[0], four[1]), _mm_unpackhi_epi8(four[2], four[3])};
  const __m256i first =
      _mm256_set_m128i(_mm_unpackhi_epi16(low[0], low[1]), _mm_unpacklo_epi16(low[0], low[1]));
  const __m256i second =
      _mm256_set_m128i(_mm_unpackhi_epi16(high[0], high[1]), _mm_unpacklo_epi16(high[0], high[1]));
  const __m512i words = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
  return kIsUnsigned ? _mm512_xor_si512(words, _mm512_set1_epi8(-128)) : words;
}

/// Panels of rows that lie side by side: to(k / 4, i, k % 4) = m(i, k), or that and 128.
template <bool kIsUnsigned, int64_t kWidth>
CNE_VNNI void pack_fours(const MatrixView& m, uint8_t* out, int64_t panel_bytes) {
  constexpr int64_t kColumnsAtATime = 32;
  for (int64_t first = 0; first < m.columns; first += kColumnsAtATime)
    for (int64_t i = 0; i < m.rows; i += kWidth) {
      auto* panel = reinterpret_cast<uint32_t*>(out + i / kWidth * panel_bytes);
      const int64_t width = std::min(kWidth, m.rows - i);
      for (int64_t k = first; k < std::min(first + kColumnsAtATime, m.columns); k += kFour)
        for (int64_t j = 0; j < kWidth; j += kLanes) {
          const uint8_t* from = m.data + k * m.column + i + j;
          uint32_t* to = panel + k / kFour * kWidth + j;
          if (width == kWidth && m.columns - k >= kFour) {  // known to the compiler
            constexpr int64_t kCount = std::min<int64_t>(kLanes, kWidth);
            store_words(to, kCount, interleaved<kIsUnsigned>(from, m.column, kFour, kCount));
          } else if (j < width) {
            const int64_t count = std::min<int64_t>(kLanes, width - j);
            store_words(to, count, interleaved<kIsUnsigned>(from, m.column, m.columns - k, count));
          }
        }
    }
}

/// Panels of rows that lie in any way.
template <bool kIsUnsigned, int64_t kWidth>
void pack_any(const MatrixView& m, uint8_t* out, int64_t panel_bytes) {
  for (int64_t i = 0; i < m.rows; ++i) {
    uint8_t* to = out + i / kWidth * panel_bytes + i % kWidth * kFour;
    for (int64_t k = 0; k < fours(m.columns) * kFour; ++k) {
      const uint8_t value = k < m.columns ? m.data[i * m.row + k * m.column] : 0;
      to[k / kFour * kWidth * kFour + k % kFour] = value ^ (kIsUnsigned ? 0x80 : 0);
    }
  }
}

template <bool kIsUnsigned, int64_t kWidth>
void pack(const MatrixView& m, uint8_t* to, int64_t panel_bytes) {
  if (m.column == 1)
    pack_along<LoadFours<kIsUnsigned>, kWidth>(m, to, panel_bytes);
  else if (m.row == 1)
    pack_fours<kIsUnsigned, kWidth>(m, to, panel_bytes);
  else
    pack_any<kIsUnsigned, kWidth>(m, to, panel_bytes);
}

/// Behind a panel of b: -128 times the sum of each column.
CNE_VNNI void add_sums(int64_t steps, uint8_t* panel) {
  const __m512i ones = _mm512_set1_epi8(1);
  __m512i sums[] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
  for (int64_t k = 0; k < steps; ++k, panel += kColumns * kFour)
#pragma GCC unroll 2
    for (int v = 0; v < 2; ++v)
      sums[v] = _mm512_dpbusd_epi32(sums[v], ones, _mm512_loadu_si512(panel + v * 64));
  for (int v = 0; v < 2; ++v)
    _mm512_storeu_si512(panel + v * 64, _mm512_mullo_epi32(sums[v], _mm512_set1_epi32(-128)));
}

void pack_b(const MatrixView& m, uint8_t* to, int64_t panel_bytes) {
  pack<false, kColumns>(m, to, panel_bytes);
  for (int64_t i = 0; i < m.rows; i += kColumns)
    add_sums(fours(m.columns), to + i / kColumns * panel_bytes);
}

constexpr GemmKernel kKernel{kRows,
                             kColumns,
                             kDepth,
                             1,
                             1,
                             4,
                             [](int64_t depth) { return fours(depth) * kRows * kFour; },
                             [](int64_t depth) { return (fours(depth) + 1) * kColumns * kFour; },
                             pack<true, kRows>,
                             pack_b,
                             run_tile,
                             nullptr};

}  // namespace

const GemmKernel& int8_kernel() {
  static const bool has_vnni = __builtin_cpu_supports("avx512vnni") &&
                               __builtin_cpu_supports("avx512bw") &&
                               __builtin_cpu_supports("avx512vl");
  return has_vnni ? kKernel : portable_int8_kernel();
}

#else

const GemmKernel& int8_kernel() { return portable_int8_kernel(); }

#endif

}  // namespace cne::tensor
