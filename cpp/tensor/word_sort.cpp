#include "tensor/word_sort.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>
#include <vector>

#include "core/parallel.h"

namespace cne::tensor {

namespace {

/// Words below which comparing is faster than counting digits.
constexpr int64_t kFew = 512;
/// From how many on there are fewer words than counts.
constexpr int64_t kFewBytes = 32;
constexpr int64_t kManyPairs = 1 << 14;
/// Words that a thread sorts or merges at least.
constexpr int64_t kPiece = 1 << 16;

template <typename Word>
void by_digits(Word* words, int64_t n) {
  if (n < kFew) return std::sort(words, words + n);
  constexpr int kDigits = sizeof(Word);
  std::array<std::array<int64_t, 256>, kDigits> counts{};
  for (int64_t i = 0; i < n; ++i)
    for (int digit = 0; digit < kDigits; ++digit)
      ++counts[static_cast<size_t>(digit)][(words[i] >> (8 * digit)) & 255];
  std::vector<Word> spare(static_cast<size_t>(n));
  Word* from = words;
  Word* to = spare.data();
  for (int digit = 0; digit < kDigits; ++digit) {
    auto& at = counts[static_cast<size_t>(digit)];
    if (at[(from[0] >> (8 * digit)) & 255] == n) continue;  // all have the same
    int64_t sum = 0;
    for (int64_t& count : at) sum += std::exchange(count, sum);
    for (int64_t i = 0; i < n; ++i) to[at[(from[i] >> (8 * digit)) & 255]++] = from[i];
    std::swap(from, to);
  }
  if (from != words) std::memcpy(words, from, static_cast<size_t>(n) * sizeof(Word));
}

/// How often each word is there; then each so often.
template <typename Word>
void by_counts(Word* words, int64_t n) {
  constexpr size_t kWords = size_t{1} << (8 * sizeof(Word));
  std::vector<int64_t> counts(kWords);
  for (int64_t i = 0; i < n; ++i) ++counts[words[i]];
  for (size_t word = 0; word < kWords; ++word) {
    std::fill_n(words, counts[word], static_cast<Word>(word));
    words += counts[word];
  }
}

/// How many of the first `count` words of the merged runs come from `a`.
template <typename Word>
int64_t share_of(const Word* a, int64_t a_count, const Word* b, int64_t b_count, int64_t count) {
  int64_t low = std::max<int64_t>(0, count - b_count);
  int64_t high = std::min(count, a_count);
  while (low < high) {
    const int64_t middle = (low + high) / 2;
    if (a[middle] < b[count - middle - 1])
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/// Merges what is `count` words behind the first `skip` ones.
template <typename Word>
void merge_part(const Word* a, int64_t a_count, const Word* b, int64_t b_count, int64_t skip,
                int64_t count, Word* to) {
  int64_t i = share_of(a, a_count, b, b_count, skip);
  int64_t j = skip - i;
  int64_t done = 0;
  // Both words are read and one is taken, without a branch.
  for (; done < count && i < a_count && j < b_count; ++done) {
    const Word left = a[i];
    const Word right = b[j];
    const bool takes_left = left <= right;
    to[done] = takes_left ? left : right;
    i += takes_left;
    j += !takes_left;
  }
  for (; done < count && i < a_count; ++done) to[done] = a[i++];
  for (; done < count; ++done) to[done] = b[j++];
}

/// Runs of `width` words, in order each, become runs of twice the words.
template <typename Word>
void merge_runs(const Word* from, Word* to, int64_t n, int64_t width) {
  parallel_for(n, kPiece, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t first = begin / (2 * width) * (2 * width);
      const int64_t middle = std::min(n, first + width);
      const int64_t last = std::min(n, first + 2 * width);
      const int64_t stop = std::min(end, last);
      merge_part(from + first, middle - first, from + middle, last - middle, begin - first,
                 stop - begin, to + begin);
      begin = stop;
    }
  });
}

/// Words in parts, of which each one has larger words than the one before: no merging.
template <typename Word>
struct Part {
  Word* words;
  int64_t n;
};

/// Cuts them in two again and again, on several threads as soon as there are several parts.
template <typename Word>
void by_parts(Word* words, int64_t n, int64_t threads) {
  const int64_t few = std::max(kPiece / 4, n / (8 * threads));
  const int most_levels = 2 * std::bit_width(static_cast<uint64_t>(8 * threads));
  std::vector<Part<Word>> parts = {{words, n}};
  bool is_done = false;
  for (int level = 0; !is_done && level < most_levels; ++level) {
    std::vector<Part<Word>> halves(2 * parts.size());
    parallel_tasks(static_cast<int64_t>(parts.size()), [&](int64_t i, int) {
      const Part<Word> part = parts[static_cast<size_t>(i)];
      const int64_t cut = part.n > few ? part_words_by_vectors(part.words, part.n) : part.n;
      halves[static_cast<size_t>(2 * i)] = {part.words, cut};
      halves[static_cast<size_t>(2 * i + 1)] = {part.words + cut, part.n - cut};
    });
    const size_t before = parts.size();
    std::erase_if(halves, [](const Part<Word>& part) { return part.n == 0; });
    parts = std::move(halves);
    is_done = parts.size() == before;
  }
  // The longest ones first, so that no thread ends late.
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.n > b.n; });
  parallel_tasks(static_cast<int64_t>(parts.size()), [&](int64_t i, int) {
    sort_words(parts[static_cast<size_t>(i)].words, parts[static_cast<size_t>(i)].n);
  });
}

template <typename Word>
void in_parallel(Word* words, int64_t n) {
  const int64_t threads = std::min<int64_t>(num_threads(), n / kPiece);
  if (threads <= 1) return sort_words(words, n);
  if constexpr (sizeof(Word) >= 4) {
    if (has_vector_sort()) return by_parts(words, n, threads);
  }
  // How it is cut does not change the result.
  int64_t width = (n + threads - 1) / threads;
  parallel_for(n, width,
               [&](int64_t begin, int64_t end) { sort_words(words + begin, end - begin); });
  std::vector<Word> spare(static_cast<size_t>(n));
  Word* from = words;
  Word* to = spare.data();
  for (; width < n; width *= 2) {
    merge_runs(from, to, n, width);
    std::swap(from, to);
  }
  if (from != words) std::memcpy(words, from, static_cast<size_t>(n) * sizeof(Word));
}

}  // namespace

void sort_words_by_digits(uint32_t* words, int64_t n) { by_digits(words, n); }
void sort_words_by_digits(uint64_t* words, int64_t n) { by_digits(words, n); }

void sort_words(uint8_t* words, int64_t n) {
  n < kFewBytes ? std::sort(words, words + n) : by_counts(words, n);
}
void sort_words(uint16_t* words, int64_t n) {
  if (n >= kManyPairs) return by_counts(words, n);
  std::vector<uint32_t> wide(words, words + n);
  sort_words(wide.data(), n);
  std::copy(wide.begin(), wide.end(), words);
}
void sort_words(uint32_t* words, int64_t n) {
  has_vector_sort() ? sort_words_by_vectors(words, n) : by_digits(words, n);
}
void sort_words(uint64_t* words, int64_t n) {
  has_vector_sort() ? sort_words_by_vectors(words, n) : by_digits(words, n);
}

void sort_words_in_parallel(uint8_t* words, int64_t n) { in_parallel(words, n); }
void sort_words_in_parallel(uint16_t* words, int64_t n) { in_parallel(words, n); }
void sort_words_in_parallel(uint32_t* words, int64_t n) { in_parallel(words, n); }
void sort_words_in_parallel(uint64_t* words, int64_t n) { in_parallel(words, n); }

}  // namespace cne::tensor
