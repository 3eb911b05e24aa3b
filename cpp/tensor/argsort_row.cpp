#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"
#include "tensor/pieces.h"
#include "tensor/row_words.h"
#include "tensor/sort_row.h"
#include "tensor/word_sort.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 16;
/// From how many elements of 16 bits on counting them pays.
constexpr int64_t kManyWords = 1 << 14;
/// Places that are compared.
constexpr int64_t kFewTies = 64;

/// Elements and the bits that are turned over of their words.
template <typename T>
struct Row {
  const T* values;
  int64_t n;
  SortWord<T> flip;
};

/// Calls f(first, words, count) for tiles of the words of [begin, end).
template <typename T, typename F>
void each_words(const Row<T>& row, int64_t begin, int64_t end, const F& f) {
  using Word = SortWord<T>;
  Word words[kTile];
  for (int64_t at = begin; at < end; at += kTile) {
    const int64_t count = std::min(kTile, end - at);
    to_places(word_form<T>(), reinterpret_cast<const Word*>(row.values) + at, count, row.flip,
              words);
    f(at, words, count);
  }
}

/// Places of words of few bits: how often each is there says where it begins.
template <typename T>
void by_counts(const Row<T>& row, int64_t* order) {
  std::vector<int64_t> starts(size_t{1} << (8 * sizeof(T)));
  each_words(row, 0, row.n, [&](int64_t, const SortWord<T>* words, int64_t count) {
    for (int64_t i = 0; i < count; ++i) ++starts[words[i]];
  });
  int64_t sum = 0;
  for (int64_t& start : starts) sum += std::exchange(start, sum);
  each_words(row, 0, row.n, [&](int64_t at, const SortWord<T>* words, int64_t count) {
    for (int64_t i = 0; i < count; ++i) order[starts[words[i]]++] = at + i;
  });
}

constexpr uint64_t kLast = ~uint64_t{0};
constexpr uint64_t kLastKey = 0xffffffff;

/// 32 bits of words of 64, in their order: equal ones may differ in lower bits.
struct KeyOf {
  uint64_t least = kLast;
  int low_bit = 0;

  KeyOf() = default;
  KeyOf(uint64_t first, uint64_t last) : least(first) {
    // The last word, that of NaN, has a key alone.
    while (last > least && (last - least) >> low_bit >= kLastKey) ++low_bit;
  }
  uint64_t operator()(uint64_t word) const {
    return word == kLast ? kLastKey : (word - least) >> low_bit;
  }
};

template <typename T>
KeyOf key_of(const Row<T>& row) {
  uint64_t least = kLast;
  uint64_t most = 0;
  each_words(row, 0, row.n, [&](int64_t, const uint64_t* words, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      least = std::min(least, words[i]);
      most = std::max(most, words[i] == kLast ? 0 : words[i]);
    }
  });
  return {least, most};
}

/// Calls f(begin, end) for items of one key that have lower bits yet.
template <typename F>
void each_tie(const std::vector<uint64_t>& items, const F& f) {
  const auto n = static_cast<int64_t>(items.size());
  for (int64_t begin = 0; begin < n;) {
    const uint64_t key = items[static_cast<size_t>(begin)] >> 32;
    int64_t end = begin + 1;
    while (end < n && items[static_cast<size_t>(end)] >> 32 == key) ++end;
    if (end - begin > 1 && key != kLastKey) f(begin, end);
    begin = end;
  }
}

/// Puts places in order whose words were told apart by their upper bits only.
template <typename T>
void refine(const Row<T>& row, int64_t* order, int64_t n) {
  const auto word_at = [&row](int64_t place) {
    return to_equal_word(row.values[place]) ^ row.flip;
  };
  if (n < kFewTies)
    return std::stable_sort(order, order + n,
                            [&](int64_t a, int64_t b) { return word_at(a) < word_at(b); });
  std::vector<uint64_t> items(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) items[static_cast<size_t>(i)] = word_at(order[i]);
  const auto [least, most] = std::minmax_element(items.begin(), items.end());
  const KeyOf key(*least, *most);
  for (int64_t i = 0; i < n; ++i) {
    uint64_t& item = items[static_cast<size_t>(i)];
    item = key(item) << 32 | static_cast<uint64_t>(i);
  }
  sort_words_in_parallel(items.data(), n);
  const std::vector<int64_t> before(order, order + n);
  for (int64_t i = 0; i < n; ++i) order[i] = before[items[static_cast<size_t>(i)] & kLastKey];
  if (key.low_bit == 0) return;
  each_tie(items, [&](int64_t begin, int64_t end) { refine(row, order + begin, end - begin); });
}

/// Sorts 32 bits of each word together with its place, which keeps equal ones in order. What
/// differs in lower bits only is put in order afterwards.
template <typename T>
void by_words(const Row<T>& row, int64_t* order) {
  KeyOf key;
  if constexpr (sizeof(T) == 8) key = key_of(row);
  std::vector<uint64_t> items(static_cast<size_t>(row.n));
  in_pieces(row.n, kGrain, [&](int64_t first, int64_t last) {
    each_words(row, first, last, [&](int64_t at, const SortWord<T>* words, int64_t count) {
      uint64_t* to = items.data() + at;
      for (int64_t i = 0; i < count; ++i) {
        const uint64_t word = words[i];
        to[i] = (sizeof(T) == 8 ? key(word) : word) << 32 | static_cast<uint64_t>(at + i);
      }
    });
  });
  sort_words_in_parallel(items.data(), row.n);
  in_pieces(row.n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      order[i] = static_cast<int64_t>(items[static_cast<size_t>(i)] & kLastKey);
  });
  if (key.low_bit != 0)
    each_tie(items, [&](int64_t begin, int64_t end) { refine(row, order + begin, end - begin); });
}

template <typename T>
void by_comparing(const T* values, int64_t n, bool descending, int64_t* order) {
  std::iota(order, order + n, int64_t{0});
  std::stable_sort(order, order + n, [values, descending](int64_t a, int64_t b) {
    if (is_nan(values[a]) || is_nan(values[b])) return !is_nan(values[a]) && is_nan(values[b]);
    return goes_before(values[a], values[b], descending);
  });
}

}  // namespace

void argsort_row(Element element, const void* values, int64_t n, bool descending, int64_t* order) {
  with_stored(element, [&](auto stored) {
    using T = decltype(stored);
    const T* from = static_cast<const T*>(values);
    if constexpr (!kIsStoredComplex<T>) {
      using Word = SortWord<T>;
      const Row<T> row{from, n, descending ? static_cast<Word>(~Word{0}) : Word{0}};
      if constexpr (sizeof(T) <= 2) {
        if (n >= kManyWords) return by_counts(row, order);
      }
      if (n <= UINT32_MAX) return by_words(row, order);
    }
    by_comparing(from, n, descending, order);
  });
}

}  // namespace cne::tensor
