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

/// What is added up: elements, or products of those of two arrays.
template <typename T, bool kIsProduct>
struct Terms {
  using V = typename SumVector<T>::Type;
  static constexpr int64_t kLanes = SumVector<T>::kLanes;

  Terms from(int64_t i) const { return {a + i, kIsProduct ? b + i : nullptr}; }
  T operator[](int64_t i) const {
    if constexpr (kIsProduct) return a[i] * b[i];
    return a[i];
  }
  [[gnu::always_inline]] void add_vector(int64_t i, V& sum) const {
    V next;
    std::memcpy(&next, a + i, sizeof next);
    if constexpr (kIsProduct) {
      V other;
      std::memcpy(&other, b + i, sizeof other);
      next *= other;
    }
    sum += next;
  }
  /// At most a vector, of which there are `n`.
  [[gnu::always_inline]] void add_some(int64_t i, int64_t n, V& sum) const {
    if (n >= kLanes) return add_vector(i, sum);
    T rest[kLanes] = {};
    for (int64_t k = 0; k < n; ++k) rest[k] = (*this)[i + k];
    V next;
    std::memcpy(&next, rest, sizeof next);
    sum += next;
  }

  const T* a;
  const T* b;
};

/// At most kBlock terms: 4 vectors of sums side by side, and these in pairs.
template <typename T, bool kIsProduct>
[[gnu::always_inline]] inline void add_block(Terms<T, kIsProduct> terms, int64_t n,
                                             typename SumVector<T>::Type& out) {
  using V = typename SumVector<T>::Type;
  constexpr int64_t kLanes = SumVector<T>::kLanes;
  constexpr int64_t kWide = SumVector<T>::kWide;
  V sums[4] = {};
  int64_t i = 0;
  for (; i + kWide <= n; i += kWide)
    for (int k = 0; k < 4; ++k) terms.add_vector(i + k * kLanes, sums[k]);
  for (int k = 0; k < 4; ++k)
    if (i + k * kLanes < n) terms.add_some(i + k * kLanes, n - i - k * kLanes, sums[k]);
  out = (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Blocks of a tile in pairs, then lanes in pairs as float64: every term goes through 8 + log2(n)
/// additions.
template <int kKeep, typename T, bool kIsProduct>
[[gnu::always_inline]] inline void add_tile(Terms<T, kIsProduct> terms, int64_t n, double* out) {
  using Vector = SumVector<T>;
  typename Vector::Type blocks[Vector::kBlocks] = {};
  for (int64_t i = 0; i * Vector::kBlock < n; ++i)
    add_block(terms.from(i * Vector::kBlock), std::min(Vector::kBlock, n - i * Vector::kBlock),
              blocks[i]);
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

template <int kKeep, typename T, bool kIsProduct>
[[gnu::always_inline]] inline void add_tiles(Terms<T, kIsProduct> terms, int64_t n, double* out) {
  for (int64_t at = 0; at < n; at += kTile)
    add_tile<kKeep>(terms.from(at), std::min(kTile, n - at), out);
}

template <typename T>
[[gnu::always_inline]] inline void add(const T* in, int64_t n, int parts, double* out) {
  const Terms<T, false> terms{in, nullptr};
  parts == 1 ? add_tiles<1>(terms, n, out) : add_tiles<2>(terms, n, out);
}
CNE_MULTIVERSION void add_floats(const float* in, int64_t n, int parts, double* out) {
  add(in, n, parts, out);
}
CNE_MULTIVERSION void add_doubles(const double* in, int64_t n, int parts, double* out) {
  add(in, n, parts, out);
}
CNE_MULTIVERSION void add_products(const float* a, const float* b, int64_t n, double* out) {
  add_tiles<1>(Terms<float, true>{a, b}, n, out);
}
CNE_MULTIVERSION void add_products(const double* a, const double* b, int64_t n, double* out) {
  add_tiles<1>(Terms<double, true>{a, b}, n, out);
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

template <typename T>
void fold_products(const T* a, const T* b, int64_t n, double* to) {
  if (n > kFew) return add_products(a, b, n, to);
  T products[kFew];
  for (int64_t i = 0; i < n; ++i) products[i] = a[i] * b[i];
  add_few(products, n, 1, to);
}

}  // namespace

void fold_sum(const float* in, int64_t n, int parts, double* to) {
  n <= kFew ? add_few(in, n, parts, to) : add_floats(in, n, parts, to);
}
void fold_sum(const double* in, int64_t n, int parts, double* to) {
  n <= kFew ? add_few(in, n, parts, to) : add_doubles(in, n, parts, to);
}
bool sum_short_rows(Element element, const void* in, int64_t rows, int64_t length, void* out) {
  if (length > kFew || (element != Element::kFloat32 && element != Element::kFloat64)) return false;
  const auto sum = [=](const auto* from) {
    auto* to = static_cast<double*>(out);
    for (int64_t row = 0; row < rows; ++row) {
      to[row] = 0;
      add_few(from + row * length, length, 1, to + row);
    }
  };
  if (element == Element::kFloat32)
    sum(static_cast<const float*>(in));
  else
    sum(static_cast<const double*>(in));
  return true;
}
void fold_products(Element element, const void* a, const void* b, int64_t n, double* to) {
  if (element == Element::kFloat32)
    fold_products(static_cast<const float*>(a), static_cast<const float*>(b), n, to);
  else
    fold_products(static_cast<const double*>(a), static_cast<const double*>(b), n, to);
}

}  // namespace cne::tensor
