#include "tensor/gemm_float.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "core/simd.h"
#include "tensor/gemm_load.h"
#include "tensor/gemm_pack.h"
#include "tensor/gemm_pack_avx512.h"
#include "tensor/gemm_vector.h"

namespace cne::tensor {

#ifdef CNE_AVX512

namespace {

/// Rows of a tile: with two vectors a row they fill 28 of the 32 registers.
constexpr int kRows = 14;
/// Bytes of a panel of a: it stays in the first cache.
constexpr int64_t kPanelBytes = 21 << 10;
/// Pairs of steps along the depth for each row of c that is fetched ahead.
constexpr int64_t kFetchPairs = 6;
/// Steps along the depth that a panel of b is fetched ahead, from the second cache into the first.
constexpr int64_t kAhead = 8;

template <typename T>
using Vector = GemmVector<T>;

template <typename T>
constexpr int kLanes = 64 / static_cast<int>(sizeof(T));
template <typename T>
constexpr int64_t kColumns = 2 * kLanes<T>;

/// A step along the depth: each of R numbers of a times V vectors of b. Masked loads take a place
/// that multiplications need, so whole vectors go without.
template <typename T, int R, int V, bool kIsWhole>
[[gnu::always_inline]] CNE_AVX512 inline void multiply_step(
    const T* a, int64_t a_row, const T* b, const typename Vector<T>::Mask* masks,
    typename Vector<T>::Type (&sums)[R][V]) {
  using Lanes = Vector<T>;
  typename Lanes::Type row[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v)
    row[v] = kIsWhole ? Lanes::load(b + v * kLanes<T>) : Lanes::load(masks[v], b + v * kLanes<T>);
#pragma GCC unroll 14
  for (int i = 0; i < R; ++i) {
    const typename Lanes::Type value = Lanes::all(a[i * a_row]);
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[i][v] = Lanes::fma(value, row[v], sums[i][v]);
  }
}

/// A tile of R rows and V vectors, which are whole or not; a is packed, or lies in any way.
template <typename T, int R, int V, bool kIsPacked, bool kIsWhole>
CNE_AVX512 void multiply(const GemmTile& t) {
  using Lanes = Vector<T>;
  typename Lanes::Mask masks[V];
  for (int v = 0; v < V; ++v) {
    const int64_t left = std::min<int64_t>(t.columns - v * kLanes<T>, kLanes<T>);
    masks[v] = static_cast<typename Lanes::Mask>((uint32_t{1} << left) - 1);
  }
  typename Lanes::Type sums[R][V];
#pragma GCC unroll 14
  for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[i][v] = Lanes::zero();
  const T* a = reinterpret_cast<const T*>(t.a);
  const T* b = reinterpret_cast<const T*>(t.b);
  const int64_t a_row = kIsPacked ? 1 : t.a_row;
  const int64_t a_depth = kIsPacked ? kRows : t.a_depth;
  T* c = reinterpret_cast<T*>(t.c);
  // c, the next steps of b and the next panel of a come while there is something to multiply, c row
  // by row: all at once they would keep those of b waiting.
  const uint8_t* fetch = t.fetch;
  const int64_t pairs = t.depth / 2;
  const auto multiply_pairs = [&](int64_t count) CNE_AVX512 {
    for (; count > 0; --count, a += 2 * a_depth, b += 2 * t.b_depth) {
      if constexpr (kIsPacked && kIsWhole) {
#pragma GCC unroll 4
        for (int64_t i = 0; i < 2 * V; ++i)
          __builtin_prefetch(b + kAhead * kColumns<T> + i * kLanes<T>);
        __builtin_prefetch(fetch, 0, 2);
        fetch += t.fetch_step;
      }
      multiply_step<T, R, V, kIsWhole>(a, a_row, b, masks, sums);
      multiply_step<T, R, V, kIsWhole>(a + a_depth, a_row, b + t.b_depth, masks, sums);
    }
  };
  const int64_t each = std::min<int64_t>(pairs / R, kFetchPairs);
  if (each > 0)
    for (int i = 0; i < R; ++i) {
      for (int v = 0; v < V; ++v) __builtin_prefetch(c + i * t.c_row + v * kLanes<T>, 1);
      multiply_pairs(each);
    }
  multiply_pairs(pairs - each * R);
  if (t.depth % 2 != 0) multiply_step<T, R, V, kIsWhole>(a, a_row, b, masks, sums);
#pragma GCC unroll 14
  for (int i = 0; i < R; ++i, c += t.c_row)
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) {
      T* to = c + v * kLanes<T>;
      const auto sum = t.adds ? Lanes::add(Lanes::load(masks[v], to), sums[i][v]) : sums[i][v];
      Lanes::store(to, masks[v], sum);
    }
}

using Tile = void (*)(const GemmTile&);

template <typename T, bool kIsPacked, int... R>
constexpr std::array<std::array<Tile, kRows>, 3> tiles(std::integer_sequence<int, R...>) {
  return {{{multiply<T, R + 1, 1, kIsPacked, false>...},
           {multiply<T, R + 1, 2, kIsPacked, false>...},
           {multiply<T, R + 1, 2, kIsPacked, true>...}}};
}

template <typename T, bool kIsPacked>
void run_tile(const GemmTile& tile) {
  static constexpr auto kTiles = tiles<T, kIsPacked>(std::make_integer_sequence<int, kRows>());
  const int kind = tile.columns == kColumns<T> ? 2 : tile.columns > kLanes<T> ? 1 : 0;
  kTiles[static_cast<size_t>(kind)][static_cast<size_t>(tile.rows - 1)](tile);
}

template <typename From, typename T, int64_t kWidth>
void pack(const MatrixView& part, uint8_t* to, int64_t panel_bytes) {
  if (part.column == 1)
    pack_along<Load<From>, kWidth>(part, to, panel_bytes);
  else if (part.row == 1)
    pack_across<Load<From>, kWidth>(part, to, panel_bytes);
  else
    pack_panels<From, T, kWidth>(part, to, panel_bytes);
}

/// Of A and B as they lie, into T.
template <typename A, typename B, typename T>
constexpr GemmKernel kKernel{
    kRows,
    kColumns<T>,
    kPanelBytes / kRows / static_cast<int64_t>(sizeof(T)) / 16 * 16,
    sizeof(A),
    sizeof(B),
    sizeof(T),
    [](int64_t depth) { return depth * kRows * static_cast<int64_t>(sizeof(T)); },
    [](int64_t depth) { return depth * kColumns<T> * static_cast<int64_t>(sizeof(T)); },
    pack<A, T, kRows>,
    pack<B, T, kColumns<T>>,
    run_tile<T, true>,
    std::is_same_v<A, T> && std::is_same_v<B, T> ? run_tile<T, false> : nullptr};

bool has_avx512() {
  static const bool out = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return out;
}

}  // namespace

const GemmKernel* float_kernel(Element element) {
  if (!has_avx512()) return nullptr;
  switch (element) {
    case Element::kFloat16:
      return &kKernel<Half, Half, float>;
    case Element::kBFloat16:
      return &kKernel<BFloat16, BFloat16, float>;
    case Element::kFloat32:
      return &kKernel<float, float, float>;
    default:
      return &kKernel<double, double, double>;
  }
}

const GemmKernel* narrow_kernel(Element element) {
  if (!has_avx512()) return nullptr;
  switch (element) {
    case Element::kFloat16:
      return &kKernel<float, Half, float>;
    case Element::kBFloat16:
      return &kKernel<float, BFloat16, float>;
    default:
      return &kKernel<float, int8_t, float>;
  }
}

#else

const GemmKernel* float_kernel(Element) { return nullptr; }
const GemmKernel* narrow_kernel(Element) { return nullptr; }

#endif

}  // namespace cne::tensor
