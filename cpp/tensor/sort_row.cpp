#include "tensor/sort_row.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "tensor/element_dispatch.h"
#include "tensor/pieces.h"
#include "tensor/row_words.h"
#include "tensor/word_sort.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 16;

/// Moves NaNs to the end, and says how many others there are.
template <typename T>
int64_t move_nans(T* row, int64_t n) {
  return std::stable_partition(row, row + n, [](T value) { return !is_nan(value); }) - row;
}

/// Whether there are NaNs, or zeros that words would put in order.
template <typename T>
bool needs_care(const T* row, int64_t n) {
  const auto* bits = reinterpret_cast<const SortWord<T>*>(row);
  std::atomic<bool> found = false;
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    if (has_special(word_form<T>(), bits + begin, end - begin))
      found.store(true, std::memory_order_relaxed);
  });
  return found;
}

template <typename T>
void sort_by_words(T* row, int64_t n, bool descending) {
  using Word = SortWord<T>;
  constexpr WordKind kKind = word_form<T>().kind;
  const Word flip = descending ? static_cast<Word>(~Word{0}) : Word{0};
  Word* words = reinterpret_cast<Word*>(row);
  in_pieces(n, kGrain,
            [&](int64_t begin, int64_t end) { to_words(kKind, words + begin, end - begin, flip); });
  sort_words_in_parallel(words, n);
  in_pieces(n, kGrain, [&](int64_t begin, int64_t end) {
    from_words(kKind, words + begin, end - begin, flip);
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
  const auto is_before = [descending](T a, T b) { return goes_before(a, b, descending); };
  std::copy(zeros.begin(), zeros.end(), std::lower_bound(row, row + n, zero, is_before));
}

template <typename T>
void sort_real(T* row, int64_t n, bool descending) {
  if constexpr (kIsStoredFloat<T>) {
    if (needs_care(row, n)) return sort_keeping_zeros(row, move_nans(row, n), descending);
  }
  sort_by_words(row, n, descending);
}

}  // namespace

void sort_row(Element element, void* row, int64_t n, bool descending) {
  with_stored(element, [&](auto stored) {
    using T = decltype(stored);
    T* values = static_cast<T*>(row);
    if constexpr (kIsStoredComplex<T>)
      std::stable_sort(values, values + move_nans(values, n),
                       [descending](T a, T b) { return goes_before(a, b, descending); });
    else
      sort_real(values, n, descending);
  });
}

}  // namespace cne::tensor
