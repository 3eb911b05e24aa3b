#include "tensor/search_sorted.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "tensor/cuda_order.h"
#include "tensor/elementwise.h"
#include "tensor/pieces.h"
#include "tensor/sort_key.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 12;
/// Values that are looked for side by side, so that they wait for memory together.
constexpr int64_t kGroup = 8;

/// A word that is compared in place of an element.
template <typename T>
SortWord<T> word_of(T value) {
  return is_nan(value) ? static_cast<SortWord<T>>(~SortWord<T>{0}) : to_equal_word(value);
}

/// The words of a row, each made when it is asked for.
template <typename T>
struct LazyWords {
  const T* row;
  SortWord<T> operator[](int64_t i) const { return word_of(row[i]); }
};

/// `words` has the words of the row; there is at least one.
template <bool kRight, typename T, typename Words>
void search(const Words& words, int64_t n, const T* values, int64_t count, int64_t* out) {
  const auto goes_behind = [&words](int64_t i, SortWord<T> value) {
    return kRight ? words[i] <= value : words[i] < value;
  };
  for (int64_t at = 0; at < count; at += kGroup) {
    const int64_t group = std::min(kGroup, count - at);
    SortWord<T> wanted[kGroup] = {};
    int64_t first[kGroup] = {};
    for (int64_t i = 0; i < group; ++i) wanted[i] = word_of(values[at + i]);
    int64_t left = n;
    for (; left > 1; left -= left / 2) {
      const int64_t half = left / 2;
      for (int64_t i = 0; i < kGroup; ++i)
        first[i] += half & -static_cast<int64_t>(goes_behind(first[i] + half - 1, wanted[i]));
    }
    for (int64_t i = 0; i < group; ++i)
      out[at + i] = first[i] + static_cast<int64_t>(goes_behind(first[i], wanted[i]));
  }
}

template <typename T, typename Words>
void search(const Words& words, int64_t n, const T* values, int64_t count, bool right,
            int64_t* out) {
  right ? search<true>(words, n, values, count, out) : search<false>(words, n, values, count, out);
}

/// Values of one row.
template <typename T>
void search_row(const T* row, int64_t n, const T* values, int64_t count, bool right, int64_t* out) {
  // Words are made once where that is less work than to make them again and again.
  const bool is_lazy = !kIsStoredFloat<T> || count < n / 4;
  std::vector<SortWord<T>> words(static_cast<size_t>(is_lazy ? 0 : n));
  if (!is_lazy) std::transform(row, row + n, words.begin(), word_of<T>);
  in_pieces(count, kGrain, [&](int64_t begin, int64_t end) {
    if (is_lazy)
      search(LazyWords<T>{row}, n, values + begin, end - begin, right, out + begin);
    else
      search(words.data(), n, values + begin, end - begin, right, out + begin);
  });
}

template <typename T>
void search_rows(const Array& sorted, const Array& values, bool right, Array& out) {
  const int64_t length = sorted.shape().back();
  const int64_t rows = sorted.size() / length;
  const int64_t count = values.size() / rows;
  const auto run = [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      search_row(sorted.as<T>() + row * length, length, values.as<T>() + row * count, count, right,
                 out.mutable_as<int64_t>() + row * count);
  };
  // A few long rows one after the other, each on several threads.
  in_pieces(rows, rows < num_threads() ? rows : std::max<int64_t>(kGrain / count, 1), run);
}

}  // namespace

Type search_sorted_type(const Type& sorted, const Type& values) {
  if (sorted.element != values.element || is_complex(values.element))
    throw TypeError(message("search_sorted: expected real numbers of one type, got ",
                            to_string(sorted), " and ", to_string(values)));
  const int rank = sorted.shape.size();
  bool fits = rank == 1 || (rank > 1 && values.shape.size() == rank);
  for (int axis = 0; fits && rank > 1 && axis < rank - 1; ++axis)
    fits = sorted.shape[axis] == values.shape[axis];
  if (!fits)
    throw ShapeError(message("search_sorted: expected sorted rows and values with the same other ",
                             "axes, got ", to_string(sorted.shape), " and ",
                             to_string(values.shape)));
  check_shape(values.shape, Element::kInt64, "search_sorted");
  return {Element::kInt64, values.shape, sorted.device.is_cpu() ? values.device : sorted.device};
}

Array search_sorted(const Array& sorted, const Array& values, bool right) {
  const Type type = search_sorted_type(sorted.type(), values.type());
  if (!type.device.is_cpu()) return search_sorted_on_cuda(sorted, values, right);
  Array out = Array::zeros(type);
  if (out.size() == 0 || sorted.size() == 0) return out;
  const Array rows = contiguous(sorted);
  const Array wanted = contiguous(values);
  with_stored(values.element(), [&](auto stored) {
    using T = decltype(stored);
    if constexpr (!kIsStoredComplex<T>) search_rows<T>(rows, wanted, right, out);
  });
  return out;
}

}  // namespace cne::tensor
