#include "tensor/row_dots.h"

#include <algorithm>
#include <cmath>

#include "core/buffer.h"
#include "core/simd.h"
#include "tensor/half.h"
#include "tensor/pieces.h"

namespace cne::tensor {

namespace {

/// Bytes of the weight that are worth a thread of their own.
constexpr int64_t kGrainBytes = 128 << 10;

float number_of(BFloat16 value) { return to_float(value); }
float number_of(Half value) { return to_float(value); }
float number_of(int8_t value) { return value; }

template <typename W>
[[gnu::always_inline]] inline void rows(const RowDots& d, const float* blocks, int64_t begin,
                                        int64_t end, float* out, int64_t out_row) {
  const W* weight = reinterpret_cast<const W*>(d.weight);
  const int64_t padded = (d.k + kDotBlock - 1) / kDotBlock * kDotBlock;
  for (int64_t j = begin; j < end; ++j)
    for (int64_t i = 0; i < d.m; ++i) {
      float sums[kDotBlock] = {};
      for (int64_t k = 0; k < d.k; k += kDotBlock) {
        float block[kDotBlock] = {};
        for (int64_t at = 0; at < std::min(kDotBlock, d.k - k); ++at)
          block[dot_lane(d.element, at)] = number_of(weight[j * d.weight_row + k + at]);
        const float* x = blocks + i * padded + k;
        for (int lane = 0; lane < kDotBlock; ++lane)
          sums[lane] = std::fma(block[lane], x[lane], sums[lane]);
      }
      for (int64_t half = kDotBlock / 2; half > 0; half /= 2)
        for (int64_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
      out[i * out_row + j] = sums[0];
    }
}

CNE_MULTIVERSION void bfloat16_rows(const RowDots& d, const float* blocks, int64_t begin,
                                    int64_t end, float* out, int64_t out_row) {
  rows<BFloat16>(d, blocks, begin, end, out, out_row);
}
CNE_MULTIVERSION void float16_rows(const RowDots& d, const float* blocks, int64_t begin,
                                   int64_t end, float* out, int64_t out_row) {
  rows<Half>(d, blocks, begin, end, out, out_row);
}
CNE_MULTIVERSION void int8_rows(const RowDots& d, const float* blocks, int64_t begin, int64_t end,
                                float* out, int64_t out_row) {
  rows<int8_t>(d, blocks, begin, end, out, out_row);
}

/// x in blocks, by the lanes of the weight's type; 0 behind the end.
Buffer in_blocks(const RowDots& d) {
  const int64_t padded = (d.k + kDotBlock - 1) / kDotBlock * kDotBlock;
  Buffer out = Buffer::zeros(static_cast<size_t>(padded * d.m) * sizeof(float));
  float* to = out.mutable_as<float>();
  for (int64_t i = 0; i < d.m; ++i)
    for (int64_t k = 0; k < d.k; ++k)
      to[i * padded + k / kDotBlock * kDotBlock + dot_lane(d.element, k % kDotBlock)] =
          d.x[i * d.k + k];
  return out;
}

bool has_avx512() {
#ifdef CNE_AVX512
  static const bool out = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return out;
#else
  return false;
#endif
}

}  // namespace

void portable_row_dots(const RowDots& d, const float* blocks, int64_t begin, int64_t end,
                       float* out, int64_t out_row) {
  const auto run = d.element == Element::kBFloat16  ? bfloat16_rows
                   : d.element == Element::kFloat16 ? float16_rows
                                                    : int8_rows;
  run(d, blocks, begin, end, out, out_row);
}

void row_dots(const RowDots& d, float* out, int64_t out_row) {
  const Buffer blocks = in_blocks(d);
  const auto run = has_avx512() ? avx512_row_dots : portable_row_dots;
  const int64_t row_bytes = std::max<int64_t>(d.k, 1) * static_cast<int64_t>(size_of(d.element));
  const int64_t grain = (kGrainBytes / row_bytes + 4) / 4 * 4;
  in_pieces(d.n, grain, [&](int64_t begin, int64_t end) {
    run(d, blocks.as<float>(), begin, end, out, out_row);
  });
}

}  // namespace cne::tensor
