#pragma once

#include <cstdint>

#include "tensor/element.h"

namespace cne::tensor {

/// Rows of x that row_dots takes at most.
inline constexpr int64_t kMostDotRows = 4;

/// Rows of a narrow type, one behind the other in order, and of float32.
struct RowDots {
  Element element;        // of the weight: bfloat16, float16 or int8
  const uint8_t* weight;  // (n, k), rows `weight_row` elements apart
  int64_t weight_row;
  int64_t n;
  int64_t k;
  const float* x;  // (m, k) without gaps
  int64_t m;       // at most kMostDotRows
};

/// out[i * out_row + j] = sum_k x[i, k] weight[j, k], in float32: in 32 lanes along k, which are
/// added up pair by pair. On several threads where that pays; the same on every processor.
void row_dots(const RowDots& dots, float* out, int64_t out_row);

// Rows from `begin` on, with x as blocks of 32 (see row_dots.cpp): any processor, and AVX-512.
void portable_row_dots(const RowDots& dots, const float* blocks, int64_t begin, int64_t end,
                       float* out, int64_t out_row);
void avx512_row_dots(const RowDots& dots, const float* blocks, int64_t begin, int64_t end,
                     float* out, int64_t out_row);

/// Elements of a block.
inline constexpr int64_t kDotBlock = 32;
/// The lane of an element of a block. Of bfloat16 those of the upper and of the lower halves of
/// words lie together.
inline int64_t dot_lane(Element element, int64_t index) {
  return element == Element::kBFloat16 ? index % 2 * 16 + index / 2 : index;
}

}  // namespace cne::tensor
