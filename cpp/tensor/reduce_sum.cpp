#include <algorithm>
#include <cstring>

#include "core/simd.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

template <typename T>
struct SumVector {
  typedef T Type __attribute__((vector_size(64)));
  static constexpr int kLanes = 64 / sizeof(T);
  static constexpr int64_t kWide = 4 * kLanes;  // elements of one step
  static constexpr int64_t kBlock = 8 * kWide;  // added one after the other
  static constexpr int64_t kBlocks = kTile / kBlock;
};

template <typename T>
[[gnu::always_inline]] inline void add_vector(const T* in, typename SumVector<T>::Type& sum) {
  typename SumVector<T>::Type next;
  std::memcpy(&next, in, sizeof next);
  sum += next;
}
/// The `n` elements that there are, at most a vector of them.
template <typename T>
[[gnu::always_inline]] inline void add_some(const T* in, int64_t n,
                                            typename SumVector<T>::Type& sum) {
  if (n >= SumVector<T>::kLanes) return add_vector(in, sum);
  T rest[SumVector<T>::kLanes] = {};
  for (int64_t i = 0; i < n; ++i) rest[i] = in[i];
  add_vector(rest, sum);
}

/// At most kBlock elements: 4 vectors of sums side by side, and these in pairs.
template <typename T>
[[gnu::always_inline]] inline void add_block(const T* in, int64_t n,
                                             typename SumVector<T>::Type& out) {
  using V = typename SumVector<T>::Type;
  constexpr int64_t kLanes = SumVector<T>::kLanes;
  constexpr int64_t kWide = SumVector<T>::kWide;
  V sums[4] = {};
  int64_t i = 0;
  for (; i + kWide <= n; i += kWide)
    for (int k = 0; k < 4; ++k) add_vector(in + i + k * kLanes, sums[k]);
  for (int k = 0; k < 4; ++k)
    if (i + k * kLanes < n) add_some(in + i + k * kLanes, n - i - k * kLanes, sums[k]);
  out = (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Blocks of a tile in pairs, then lanes in pairs as float64: every element goes through 8 +
/// log2(n) additions.
template <int kKeep, typename T>
[[gnu::always_inline]] inline void add_tile(const T* in, int64_t n, double* out) {
  using Vector = SumVector<T>;
  typename Vector::Type blocks[Vector::kBlocks] = {};
  for (int64_t i = 0; i * Vector::kBlock < n; ++i)
    add_block(in + i * Vector::kBlock, std::min(Vector::kBlock, n - i * Vector::kBlock), blocks[i]);
  for (int64_t width = Vector::kBlocks / 2; width > 0; width /= 2)
    for (int64_t i = 0; i < width; ++i) blocks[i] += blocks[i + width];
  double lanes[Vector::kLanes];
  for (int k = 0; k < Vector::kLanes; ++k) lanes[k] = blocks[0][k];
#pragma GCC unroll 4
  for (int half = Vector::kLanes / 2; half >= kKeep; half /= 2)
#pragma GCC unroll 8
    for (int k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  for (int k = 0; k < kKeep; ++k) out[k] += lanes[k];
}

template <int kKeep, typename T>
[[gnu::always_inline]] inline void add_tiles(const T* in, int64_t n, double* out) {
  for (int64_t at = 0; at < n; at += kTile) add_tile<kKeep>(in + at, std::min(kTile, n - at), out);
}

CNE_MULTIVERSION void add_floats(const float* in, int64_t n, int parts, double* out) {
  parts == 1 ? add_tiles<1>(in, n, out) : add_tiles<2>(in, n, out);
}
CNE_MULTIVERSION void add_doubles(const double* in, int64_t n, int parts, double* out) {
  parts == 1 ? add_tiles<1>(in, n, out) : add_tiles<2>(in, n, out);
}

/// Rows that are shorter than a step.
template <typename T>
void add_few(const T* in, int64_t n, int parts, double* to) {
  double sums[2] = {};
  for (int64_t i = 0; i < n; i += parts)
    for (int k = 0; k < parts; ++k) sums[k] += in[i + k];
  for (int k = 0; k < parts; ++k) to[k] += sums[k];
}

constexpr int64_t kFew = 16;

}  // namespace

void fold_sum(const float* in, int64_t n, int parts, double* to) {
  n <= kFew ? add_few(in, n, parts, to) : add_floats(in, n, parts, to);
}
void fold_sum(const double* in, int64_t n, int parts, double* to) {
  n <= kFew ? add_few(in, n, parts, to) : add_doubles(in, n, parts, to);
}

}  // namespace cne::tensor
