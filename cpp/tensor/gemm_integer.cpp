#include "tensor/gemm_integer.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "core/simd.h"
#include "tensor/element_dispatch.h"
#include "tensor/gemm_pack.h"

namespace cne::tensor {

namespace {

// Products are added modulo 2^16, 2^32 or 2^64: the low bits of a sum do not depend on the order,
// nor on the sign of what is added.

constexpr int64_t kRows = 4;
constexpr int kVectors = 2;  // of 64 bytes, in a row of a tile
constexpr int64_t kDepth = 512;

template <typename W>
struct VectorOf {
  typedef W Type __attribute__((vector_size(64)));
};
template <typename W>
constexpr int kLanes = 64 / static_cast<int>(sizeof(W));
template <typename W>
constexpr int64_t kColumns = kVectors * kLanes<W>;

/// sum (kRows, kColumns) += a b, both packed.
template <typename W>
[[gnu::always_inline]] inline void multiply(const W* a, const W* b, int64_t depth, W* sum) {
  using Vector = typename VectorOf<W>::Type;
  Vector sums[kRows][kVectors];
  std::memcpy(sums, sum, sizeof sums);
  for (int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns<W>) {
    Vector row[kVectors];
    std::memcpy(row, b, sizeof row);
#pragma GCC unroll 4
    for (int64_t i = 0; i < kRows; ++i)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) sums[i][v] += row[v] * a[i];
  }
  std::memcpy(sum, sums, sizeof sums);
}

CNE_MULTIVERSION void multiply_words(const uint16_t* a, const uint16_t* b, int64_t depth,
                                     uint16_t* sum) {
  multiply(a, b, depth, sum);
}
CNE_MULTIVERSION void multiply_words(const uint32_t* a, const uint32_t* b, int64_t depth,
                                     uint32_t* sum) {
  multiply(a, b, depth, sum);
}
CNE_MULTIVERSION void multiply_words(const uint64_t* a, const uint64_t* b, int64_t depth,
                                     uint64_t* sum) {
  multiply(a, b, depth, sum);
}

template <typename W, typename R>
void run_tile(const GemmTile& t) {
  alignas(64) W sum[kRows * kColumns<W>] = {};
  R* c = reinterpret_cast<R*>(t.c);
  const auto each = [&t](const auto& f) {
    for (int64_t i = 0; i < t.rows; ++i)
      for (int64_t j = 0; j < t.columns; ++j) f(i * t.c_row + j, i * kColumns<W> + j);
  };
  if (t.adds) each([&](int64_t to, int64_t at) { sum[at] = static_cast<W>(c[to]); });
  multiply_words(reinterpret_cast<const W*>(t.a), reinterpret_cast<const W*>(t.b), t.depth, sum);
  each([&](int64_t to, int64_t at) { c[to] = static_cast<R>(sum[at]); });
}

/// Of T, with sums of W, into R.
template <typename T, typename W, typename R>
constexpr GemmKernel kKernel{
    kRows,
    kColumns<W>,
    kDepth,
    sizeof(T),
    sizeof(T),
    sizeof(R),
    [](int64_t depth) { return depth * kRows * static_cast<int64_t>(sizeof(W)); },
    [](int64_t depth) { return depth * kColumns<W> * static_cast<int64_t>(sizeof(W)); },
    pack_panels<T, W, kRows>,
    pack_panels<T, W, kColumns<W>>,
    run_tile<W, R>,
    nullptr};

template <typename T>
using Word = std::conditional_t<sizeof(T) <= 2, uint16_t,
                                std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>>;

}  // namespace

const GemmKernel& integer_kernel(Element element) {
  const GemmKernel* out = nullptr;
  with_stored(element, [&out](auto stored) {
    using T = decltype(stored);
    if constexpr (std::is_integral_v<T>) out = &kKernel<T, Word<T>, T>;
  });
  return *out;
}

const GemmKernel& portable_int8_kernel() { return kKernel<int8_t, uint32_t, int32_t>; }

}  // namespace cne::tensor
