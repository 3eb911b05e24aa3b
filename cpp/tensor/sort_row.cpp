#include "tensor/sort_row.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <numeric>
#include <vector>

#include "tensor/element_dispatch.h"
#include "tensor/pieces.h"
#include "tensor/sort_key.h"
#include "tensor/word_sort.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 16;

template <typename T>
bool before(T a, T b, bool descending) {
  if constexpr (kIsStoredComplex<T>) {
    const bool by_imag = a.real() == b.real();
    const auto x = by_imag ? a.imag() : a.real();
    const auto y = by_imag ? b.imag() : b.real();
    return descending ? x > y : x < y;
  } else {
    return descending ? to_equal_word(a) > to_equal_word(b) : to_equal_word(a) < to_equal_word(b);
  }
}

/// Moves NaNs to the end, and says how many others there are.
template <typename T>
int64_t move_nans(T* row, int64_t n) {
  return std::stable_partition(row, row + n, [](T value) { return !is_nan(value); }) - row;
}

/// NaNs and zeros of two signs, which words do not tell apart or put in order.
template <typename T>
bool has_special(const T* row, int64_t n) {
  std::atomic<bool> found = false;
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    SortWord<T> any = 0;  // as wide as an element, so that vectors hold both
    for (int64_t i = begin; i < end; ++i)
      any |= static_cast<SortWord<T>>(is_nan(row[i]) | is_negative_zero(row[i]));
    if (any != 0) found.store(true, std::memory_order_relaxed);
  });
  return found;
}

template <typename T>
void sort_by_words(T* row, int64_t n, bool descending) {
  using Word = SortWord<T>;
  const Word flip = descending ? static_cast<Word>(~Word{0}) : Word{0};
  Word* words = reinterpret_cast<Word*>(row);
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) words[i] = to_sort_word(row[i]) ^ flip;
  });
  sort_words_in_parallel(words, n);
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      row[i] = from_sort_word<T>(static_cast<Word>(words[i] ^ flip));
  });
}

/// Words put -0 before 0; here they get the order back that they came in.
template <typename T>
void sort_keeping_zeros(T* row, int64_t n, bool descending) {
  const T zero{};
  std::vector<T> zeros;
  for (int64_t i = 0; i < n; ++i)
    if (to_equal_word(row[i]) == to_equal_word(zero)) zeros.push_back(row[i]);
  sort_by_words(row, n, descending);
  const auto is_before = [descending](T a, T b) { return before(a, b, descending); };
  std::copy(zeros.begin(), zeros.end(), std::lower_bound(row, row + n, zero, is_before));
}

template <typename T>
void sort_real(T* row, int64_t n, bool descending) {
  if constexpr (kIsStoredFloat<T>) {
    if (has_special(row, n)) return sort_keeping_zeros(row, move_nans(row, n), descending);
  }
  sort_by_words(row, n, descending);
}

/// The numbers of what is no NaN, in order, then those of NaNs.
template <typename T>
int64_t number(const T* row, int64_t n, int64_t* order) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i)
    if (!is_nan(row[i])) order[count++] = i;
  int64_t at = count;
  for (int64_t i = 0; i < n && at < n; ++i)
    if (is_nan(row[i])) order[at++] = i;
  return count;
}

template <typename T>
void argsort_by_comparing(const T* row, int64_t n, bool descending, int64_t* order) {
  std::stable_sort(order, order + n, [row, descending](int64_t a, int64_t b) {
    return before(row[a], row[b], descending);
  });
}

/// The bits in which words differ: from which one on up to 32 of them tell most of the words apart.
template <typename T>
int low_bit_of(const T* row, const int64_t* order, int64_t n) {
  if constexpr (sizeof(T) < 8) {
    return 0;
  } else {
    uint64_t differing = 0;
    const uint64_t first = to_equal_word(row[order[0]]);
    for (int64_t i = 0; i < n; ++i) differing |= first ^ to_equal_word(row[order[i]]);
    return std::max(static_cast<int>(std::bit_width(differing)) - 32, 0);
  }
}

/// Sorts 32 bits of each word together with its number, which keeps equal ones in order. What
/// differs in lower bits only is put in order afterwards.
template <typename T>
void argsort_by_words(const T* row, int64_t n, bool descending, int64_t* order) {
  const int low_bit = low_bit_of(row, order, n);
  const uint64_t flip = descending ? ~uint64_t{0} : 0;
  std::vector<uint64_t> items(static_cast<size_t>(n));
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const uint64_t word = (uint64_t{to_equal_word(row[order[i]])} >> low_bit) ^ flip;
      items[static_cast<size_t>(i)] = word << 32 | static_cast<uint64_t>(order[i]);
    }
  });
  sort_words_in_parallel(items.data(), n);
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      order[i] = static_cast<int64_t>(items[static_cast<size_t>(i)] & 0xffffffff);
  });
  if (low_bit == 0) return;
  for (int64_t begin = 0; begin < n;) {
    int64_t end = begin + 1;
    while (end < n &&
           (items[static_cast<size_t>(end)] ^ items[static_cast<size_t>(begin)]) >> 32 == 0)
      ++end;
    if (end - begin > 1) argsort_by_comparing(row, end - begin, descending, order + begin);
    begin = end;
  }
}

}  // namespace

void sort_row(Element element, void* row, int64_t n, bool descending) {
  with_stored(element, [&](auto stored) {
    using T = decltype(stored);
    T* values = static_cast<T*>(row);
    if constexpr (kIsStoredComplex<T>)
      std::stable_sort(values, values + move_nans(values, n),
                       [descending](T a, T b) { return before(a, b, descending); });
    else
      sort_real(values, n, descending);
  });
}

void argsort_row(Element element, const void* row, int64_t n, bool descending, int64_t* order) {
  with_stored(element, [&](auto stored) {
    using T = decltype(stored);
    const T* values = static_cast<const T*>(row);
    const int64_t count = number(values, n, order);
    if constexpr (!kIsStoredComplex<T>) {
      if (count > 1 && n <= UINT32_MAX) return argsort_by_words(values, count, descending, order);
    }
    argsort_by_comparing(values, count, descending, order);
  });
}

}  // namespace cne::tensor
