#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>

#include "core/simd.h"
#include "tensor/word_sort.h"

#ifdef CNE_AVX512
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"  // gcc 12 sees it in its own header
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

// Quicksort by vectors, as in Bramas 2017, "A Novel Hybrid Quicksort Algorithm Vectorized using
// AVX-512 on Intel Skylake" (arXiv:1704.08579): a vector of words is compared with the pivot, the
// smaller ones are compressed and stored at the left, the larger ones at the right. What is short
// is sorted in registers by a bitonic network.

namespace cne::tensor {

#ifdef CNE_AVX512

namespace {

/// For each mask of eight lanes those that are not in it, and then the others.
constexpr auto make_splits() {
  std::array<std::array<uint8_t, 8>, 256> out{};
  for (size_t mask = 0; mask < out.size(); ++mask) {
    size_t at = 0;
    for (const size_t wanted : {size_t{0}, size_t{1}})
      for (size_t lane = 0; lane < 8; ++lane)
        if ((mask >> lane & 1) == wanted) out[mask][at++] = static_cast<uint8_t>(lane);
  }
  return out;
}
constexpr auto kSplits = make_splits();

/// The operations of a register of words.
template <typename Word>
struct Lanes;

template <>
struct Lanes<uint32_t> {
  using Mask = __mmask16;
  static constexpr int kCount = 16;
  CNE_AVX512 static __m512i all(uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
  CNE_AVX512 static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu32(a, b); }
  CNE_AVX512 static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu32(a, b); }
  CNE_AVX512 static __m512i permute(__m512i v, __m512i at) {
    return _mm512_permutexvar_epi32(at, v);
  }
  CNE_AVX512 static __m512i choose(Mask mask, __m512i no, __m512i yes) {
    return _mm512_mask_blend_epi32(mask, no, yes);
  }
  CNE_AVX512 static Mask greater(__m512i a, __m512i b) { return _mm512_cmpgt_epu32_mask(a, b); }
  CNE_AVX512 static __m512i compress(Mask mask, __m512i v) {
    return _mm512_maskz_compress_epi32(mask, v);
  }
  /// The words that are not in the mask in front, those that are behind, as two registers of which
  /// the first begins with the former and the second ends with the latter.
  CNE_AVX512 [[gnu::always_inline]] static std::pair<__m512i, __m512i> split(Mask mask, __m512i v) {
    const __m512i backwards =
        _mm512_set_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return {compress(static_cast<Mask>(~mask), v), permute(compress(mask, v), backwards)};
  }
  CNE_AVX512 static __m512i load(Mask mask, const uint32_t* from) {
    return _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), mask, from);
  }
  CNE_AVX512 static void store(Mask mask, uint32_t* to, __m512i v) {
    _mm512_mask_storeu_epi32(to, mask, v);
  }
};

template <>
struct Lanes<uint64_t> {
  using Mask = __mmask8;
  static constexpr int kCount = 8;
  CNE_AVX512 static __m512i all(uint64_t word) {
    return _mm512_set1_epi64(static_cast<int64_t>(word));
  }
  CNE_AVX512 static __m512i min(__m512i a, __m512i b) { return _mm512_min_epu64(a, b); }
  CNE_AVX512 static __m512i max(__m512i a, __m512i b) { return _mm512_max_epu64(a, b); }
  CNE_AVX512 static __m512i permute(__m512i v, __m512i at) {
    return _mm512_permutexvar_epi64(at, v);
  }
  CNE_AVX512 static __m512i choose(Mask mask, __m512i no, __m512i yes) {
    return _mm512_mask_blend_epi64(mask, no, yes);
  }
  CNE_AVX512 static Mask greater(__m512i a, __m512i b) { return _mm512_cmpgt_epu64_mask(a, b); }
  CNE_AVX512 static __m512i compress(Mask mask, __m512i v) {
    return _mm512_maskz_compress_epi64(mask, v);
  }
  CNE_AVX512 [[gnu::always_inline]] static std::pair<__m512i, __m512i> split(Mask mask, __m512i v) {
    const __m128i lanes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kSplits[mask].data()));
    const __m512i both = permute(v, _mm512_cvtepu8_epi64(lanes));
    return {both, both};
  }
  CNE_AVX512 static __m512i load(Mask mask, const uint64_t* from) {
    return _mm512_mask_loadu_epi64(_mm512_set1_epi64(-1), mask, from);
  }
  CNE_AVX512 static void store(Mask mask, uint64_t* to, __m512i v) {
    _mm512_mask_storeu_epi64(to, mask, v);
  }
};

template <typename Word>
constexpr int kLanes = Lanes<Word>::kCount;

/// The first `count` lanes, of none to all.
template <typename Word>
typename Lanes<Word>::Mask first_lanes(int64_t count) {
  return static_cast<typename Lanes<Word>::Mask>((uint32_t{1} << count) - 1);
}

/// The lane that each one is compared with when bits of its number are flipped, and the lanes that
/// keep the larger word.
template <typename Word, int kFlip>
struct Partner {
  static constexpr auto make_lanes() {
    std::array<Word, kLanes<Word>> out{};
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Word>(i ^ kFlip);
    return out;
  }
  static constexpr uint32_t make_larger() {
    uint32_t out = 0;
    for (uint32_t i = 0; i < kLanes<Word>; ++i)
      if ((i ^ kFlip) < i) out |= 1U << i;
    return out;
  }
  alignas(64) static constexpr auto kLanesOf = make_lanes();
  static constexpr auto kLarger = static_cast<typename Lanes<Word>::Mask>(make_larger());
};

template <typename Word, int kFlip>
CNE_AVX512 [[gnu::always_inline]] inline __m512i flipped(__m512i v) {
  return Lanes<Word>::permute(v, _mm512_load_si512(Partner<Word, kFlip>::kLanesOf.data()));
}

/// Puts the two lanes of each pair in order.
template <typename Word, int kFlip>
CNE_AVX512 [[gnu::always_inline]] inline __m512i exchange(__m512i v) {
  using L = Lanes<Word>;
  const __m512i other = flipped<Word, kFlip>(v);
  return L::choose(Partner<Word, kFlip>::kLarger, L::min(v, other), L::max(v, other));
}

/// Sorts each register, of which every half, fourth, ... goes up and then down, or down and then
/// up.
template <typename Word, int kDistance>
CNE_AVX512 [[gnu::always_inline]] inline __m512i merge_lanes(__m512i v) {
  if constexpr (kDistance == 0)
    return v;
  else
    return merge_lanes<Word, kDistance / 2>(exchange<Word, kDistance>(v));
}

/// Sorts every `kSize` lanes, whose halves are sorted.
template <typename Word, int kSize>
CNE_AVX512 [[gnu::always_inline]] inline __m512i sort_lanes(__m512i v) {
  if constexpr (kSize == 1)
    return v;
  else
    return merge_lanes<Word, kSize / 4>(exchange<Word, kSize - 1>(sort_lanes<Word, kSize / 2>(v)));
}

/// Sorts `kRegisters` registers that together are bitonic.
template <typename Word, int kRegisters>
CNE_AVX512 [[gnu::always_inline]] inline void merge_registers(__m512i* v) {
  using L = Lanes<Word>;
  if constexpr (kRegisters == 1) {
    v[0] = merge_lanes<Word, kLanes<Word> / 2>(v[0]);
  } else {
    constexpr int kHalf = kRegisters / 2;
    for (int i = 0; i < kHalf; ++i) {
      const __m512i low = L::min(v[i], v[i + kHalf]);
      v[i + kHalf] = L::max(v[i], v[i + kHalf]);
      v[i] = low;
    }
    merge_registers<Word, kHalf>(v);
    merge_registers<Word, kHalf>(v + kHalf);
  }
}

template <typename Word, int kRegisters>
CNE_AVX512 [[gnu::always_inline]] inline void sort_registers(__m512i* v) {
  using L = Lanes<Word>;
  if constexpr (kRegisters == 1) {
    v[0] = sort_lanes<Word, kLanes<Word>>(v[0]);
  } else {
    constexpr int kHalf = kRegisters / 2;
    sort_registers<Word, kHalf>(v);
    sort_registers<Word, kHalf>(v + kHalf);
    // The second half backwards, so that the larger words of each pair are bitonic as well.
    __m512i larger[kHalf];
    for (int i = 0; i < kHalf; ++i) {
      const __m512i other = flipped<Word, kLanes<Word> - 1>(v[kRegisters - 1 - i]);
      larger[i] = L::max(v[i], other);
      v[i] = L::min(v[i], other);
    }
    for (int i = 0; i < kHalf; ++i) v[kHalf + i] = larger[i];
    merge_registers<Word, kHalf>(v);
    merge_registers<Word, kHalf>(v + kHalf);
  }
}

template <typename Word, int kRegisters>
CNE_AVX512 void sort_few(Word* words, int64_t n) {
  __m512i v[kRegisters];
  for (int i = 0; i < kRegisters; ++i) {
    const int64_t count = std::clamp<int64_t>(n - i * kLanes<Word>, 0, kLanes<Word>);
    v[i] = Lanes<Word>::load(first_lanes<Word>(count), words + i * kLanes<Word>);
  }
  sort_registers<Word, kRegisters>(v);
  for (int i = 0; i < kRegisters; ++i) {
    const int64_t count = std::clamp<int64_t>(n - i * kLanes<Word>, 0, kLanes<Word>);
    Lanes<Word>::store(first_lanes<Word>(count), words + i * kLanes<Word>, v[i]);
  }
}

/// Registers that are read from one side at a time, and kept of each side at the beginning, so that
/// there is room to write to.
constexpr int kAtOnce = 8;
template <typename Word>
constexpr int64_t kFewWords = 2 * kAtOnce * kLanes<Word>;

/// Where the words of a partition go.
template <typename Word>
struct Sides {
  using L = Lanes<Word>;
  __m512i pivot;
  Word* left;   // behind the last smaller one
  Word* right;  // the first larger one

  /// Of all lanes, where either side has room for a register: what is stored beyond the words that
  /// belong there is written over later.
  CNE_AVX512 [[gnu::always_inline]] void put_all(__m512i v) {
    const typename L::Mask larger = L::greater(v, pivot);
    const auto larger_count = static_cast<int64_t>(_mm_popcnt_u64(larger));
    const auto [front, back] = L::split(larger, v);
    _mm512_storeu_si512(left, front);
    _mm512_storeu_si512(right - kLanes<Word>, back);
    left += kLanes<Word> - larger_count;
    right -= larger_count;
  }

  CNE_AVX512 [[gnu::always_inline]] void put(__m512i v, typename L::Mask valid) {
    const auto larger = static_cast<typename L::Mask>(L::greater(v, pivot) & valid);
    const auto smaller = static_cast<typename L::Mask>(valid & ~larger);
    const int larger_count = std::popcount(larger);
    const int smaller_count = std::popcount(smaller);
    L::store(first_lanes<Word>(smaller_count), left, L::compress(smaller, v));
    left += smaller_count;
    right -= larger_count;
    L::store(first_lanes<Word>(larger_count), right, L::compress(larger, v));
  }
};

/// Moves the words that are larger than the pivot behind the others, and says how many the others
/// are. There are at least kFewWords.
template <typename Word>
CNE_AVX512 int64_t partition(Word* words, int64_t n, Word pivot) {
  using L = Lanes<Word>;
  constexpr int64_t kBlock = kAtOnce * kLanes<Word>;
  const auto all = first_lanes<Word>(kLanes<Word>);
  __m512i kept[2 * kAtOnce];
  for (int i = 0; i < kAtOnce; ++i) {
    kept[i] = L::load(all, words + i * kLanes<Word>);
    kept[kAtOnce + i] = L::load(all, words + n - kBlock + i * kLanes<Word>);
  }
  Sides<Word> sides{L::all(pivot), words, words + n};
  const Word* begin = words + kBlock;
  const Word* end = words + n - kBlock;
  while (end - begin >= kBlock) {
    // From the side with less room, which then has enough. Which one it is cannot be foreseen: no
    // branch.
    const bool from_left = begin - sides.left <= sides.right - end;
    const Word* from = from_left ? begin : end - kBlock;
    begin += from_left ? kBlock : 0;
    end -= from_left ? 0 : kBlock;
    __m512i v[kAtOnce];
    for (int i = 0; i < kAtOnce; ++i) v[i] = _mm512_loadu_si512(from + i * kLanes<Word>);
    for (int i = 0; i < kAtOnce; ++i) sides.put_all(v[i]);
  }
  __m512i rest[kAtOnce];
  const int64_t left = end - begin;
  const auto lanes_of = [left](int i) {
    return first_lanes<Word>(std::clamp<int64_t>(left - i * kLanes<Word>, 0, kLanes<Word>));
  };
  for (int i = 0; i < kAtOnce; ++i) rest[i] = L::load(lanes_of(i), begin + i * kLanes<Word>);
  for (int i = 0; i < kAtOnce; ++i) sides.put(rest[i], lanes_of(i));
  for (const __m512i& v : kept) sides.put(v, all);
  return sides.left - words;
}

/// The middle one of a register of words from all over.
template <typename Word>
CNE_AVX512 Word pivot_of(const Word* words, int64_t n) {
  alignas(64) Word some[kLanes<Word>];
  const int64_t step = n / kLanes<Word>;
  for (int i = 0; i < kLanes<Word>; ++i) some[i] = words[i * step + step / 2];
  sort_few<Word, 1>(some, kLanes<Word>);
  return some[kLanes<Word> / 2 - 1];
}

/// `depth` bounds how often bad pivots are met.
template <typename Word>
CNE_AVX512 void quick_sort(Word* words, int64_t n, int depth) {
  while (n > kFewWords<Word>) {
    if (depth-- == 0) return sort_words_by_digits(words, n);
    const Word pivot = pivot_of(words, n);
    const int64_t smaller = partition(words, n, pivot);
    if (smaller == n) {  // the pivot is the largest: those that are as large are in their place
      if (pivot == 0) return;
      n = partition(words, n, static_cast<Word>(pivot - 1));
      continue;
    }
    const bool is_left_shorter = smaller <= n - smaller;
    quick_sort(is_left_shorter ? words : words + smaller, is_left_shorter ? smaller : n - smaller,
               depth);
    if (is_left_shorter) words += smaller;
    n = is_left_shorter ? n - smaller : smaller;
  }
  const int64_t registers = (n + kLanes<Word> - 1) / kLanes<Word>;
  if (registers <= 1) return sort_few<Word, 1>(words, n);
  if (registers <= 2) return sort_few<Word, 2>(words, n);
  if (registers <= 4) return sort_few<Word, 4>(words, n);
  if (registers <= 8) return sort_few<Word, 8>(words, n);
  sort_few<Word, 16>(words, n);
}

template <typename Word>
int64_t part_by_vectors(Word* words, int64_t n) {
  return n > kFewWords<Word> ? partition(words, n, pivot_of(words, n)) : n;
}

template <typename Word>
void by_vectors(Word* words, int64_t n) {
  quick_sort(words, n, 2 * std::bit_width(static_cast<uint64_t>(n)));
}

}  // namespace

bool has_vector_sort() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return has;
}
void sort_words_by_vectors(uint32_t* words, int64_t n) { by_vectors(words, n); }
void sort_words_by_vectors(uint64_t* words, int64_t n) { by_vectors(words, n); }
int64_t part_words_by_vectors(uint32_t* words, int64_t n) { return part_by_vectors(words, n); }
int64_t part_words_by_vectors(uint64_t* words, int64_t n) { return part_by_vectors(words, n); }

#else

bool has_vector_sort() { return false; }
void sort_words_by_vectors(uint32_t*, int64_t) { assert(false); }
void sort_words_by_vectors(uint64_t*, int64_t) { assert(false); }
int64_t part_words_by_vectors(uint32_t*, int64_t n) { return n; }
int64_t part_words_by_vectors(uint64_t*, int64_t n) { return n; }

#endif

}  // namespace cne::tensor
