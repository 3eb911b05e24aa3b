#include "tensor/top_k.h"

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/cuda_order.h"
#include "tensor/cuda_run.h"
#include "tensor/device_top_k.h"
#include "tensor/elementwise.h"
#include "tensor/gather.h"
#include "tensor/rows.h"
#include "tensor/sort_key.h"
#include "tensor/sort_row.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 15;
/// Elements of which it is first asked whether there is any good one.
constexpr int64_t kBlock = 64;

/// An element by the word that it is chosen by: the smaller the better.
template <typename Word>
struct Candidate {
  Word word;
  int64_t place;
  bool operator<(const Candidate& other) const {
    return word != other.word ? word < other.word : place < other.place;
  }
};

template <typename T>
class Choice {
 public:
  using Word = SortWord<T>;
  Choice(int64_t k, bool largest) : k_(k), flip_(largest ? static_cast<Word>(~Word{0}) : Word{0}) {}

  /// The places of the best ones of a row, the best one first.
  void run(const T* row, int64_t n, int64_t* places) {
    best_.clear();
    worst_ = static_cast<Word>(~Word{0});
    is_full_ = false;
    for (int64_t at = 0; at < n; at += kBlock) take(row, at, std::min(n, at + kBlock));
    std::partial_sort(best_.begin(), best_.begin() + k_, best_.end());
    for (int64_t i = 0; i < k_; ++i) places[i] = best_[static_cast<size_t>(i)].place;
  }

 private:
  Word word_of(T value) const {
    return is_nan(value) ? static_cast<Word>(~Word{0})
                         : static_cast<Word>(to_equal_word(value) ^ flip_);
  }
  void take(const T* row, int64_t begin, int64_t end) {
    Word any = is_full_ ? 0 : 1;  // as wide as a word, so that vectors hold both
    Word words[kBlock];
    for (int64_t i = begin; i < end; ++i) {
      words[i - begin] = word_of(row[i]);
      any |= static_cast<Word>(words[i - begin] < worst_);
    }
    if (any == 0) return;
    for (int64_t i = begin; i < end; ++i) {
      const Word word = words[i - begin];
      if (is_full_ && word >= worst_) continue;
      best_.push_back({word, i});
      if (static_cast<int64_t>(best_.size()) == 2 * k_ + kBlock) keep_best();
    }
  }
  void keep_best() {
    std::nth_element(best_.begin(), best_.begin() + (k_ - 1), best_.end());
    best_.resize(static_cast<size_t>(k_));
    worst_ = best_.back().word;
    is_full_ = true;
  }

  int64_t k_;
  Word flip_;
  Word worst_ = 0;  // of the best ones, if there are k of them
  bool is_full_ = false;
  std::vector<Candidate<Word>> best_;
};

template <typename T>
void choose_rows(const Array& rows, int64_t k, bool largest, int64_t* places) {
  const int64_t length = rows.shape().back();
  parallel_for(rows.size() / length, std::max<int64_t>(kGrain / length, 1),
               [&](int64_t begin, int64_t end) {
                 Choice<T> choice(k, largest);
                 std::vector<int64_t> order;
                 for (int64_t i = begin; i < end; ++i) {
                   const T* row = rows.as<T>() + i * length;
                   if (k < length / 8) {
                     choice.run(row, length, places + i * k);
                     continue;
                   }
                   order.resize(static_cast<size_t>(length));
                   argsort_row(rows.element(), row, length, largest, order.data());
                   std::copy_n(order.begin(), k, places + i * k);
                 }
               });
}

bool has_kernel(Element element) {
  return is_floating(element) || element == Element::kInt32 || element == Element::kInt64;
}

/// By a kernel that chooses; what that does not take is sorted.
TopK top_k_on_cuda(const Array& array, int64_t k, int axis, bool largest) {
  const int64_t length = array.shape()[axis];
  if (!has_kernel(array.element()) || k > TopKRows<float>::kMost || length >= int64_t{1} << 32) {
    const Ordered all = sort_on_cuda(array, axis, largest);
    return {contiguous(slice_axis(all.values, axis, 0, 1, k)),
            contiguous(slice_axis(all.places, axis, 0, 1, k))};
  }
  const Array rows = contiguous_rows_along(array, axis);
  Type type = rows.type();
  type.shape[rows.rank() - 1] = k;
  const Array values = Array::empty(type);
  const Array places = Array::empty({Element::kInt64, type.shape, type.device});
  if (values.size() > 0)
    device_top_k(type.device, type.element, rows.address(), rows.size() / length, length, k,
                 largest, const_cast<uint8_t*>(values.address()),
                 reinterpret_cast<int64_t*>(const_cast<uint8_t*>(places.address())));
  return {rows_back(values, axis), rows_back(places, axis)};
}

}  // namespace

std::vector<Type> top_k_types(const Type& type, int64_t k, int axis) {
  const int64_t extent = type.shape[axis];
  if (is_complex(type.element))
    throw TypeError(message("top_k: expected real numbers, got ", to_string(type)));
  if (k < 0 || k > extent)
    throw ArgumentError(message("top_k: expected a number from 0 to ", extent, ", got ", k));
  Type values = type;
  values.shape[axis] = k;
  return {values, {Element::kInt64, values.shape, type.device}};
}

TopK top_k(const Array& array, int64_t k, int64_t wanted, bool largest) {
  const int axis = normalize_axis(wanted, array.rank(), "top_k");
  top_k_types(array.type(), k, axis);
  if (is_on_device(array)) return top_k_on_cuda(array, k, axis, largest);
  const Array rows = contiguous_rows_along(array, axis);
  Dims shape = rows.shape();
  shape[shape.size() - 1] = k;
  Array places = Array::empty({Element::kInt64, shape, {}});
  if (places.size() != 0)
    with_stored(array.element(), [&](auto stored) {
      using T = decltype(stored);
      if constexpr (!kIsStoredComplex<T>)
        choose_rows<T>(rows, k, largest, places.mutable_as<int64_t>());
    });
  const Array indices = rows_back(places, axis);
  return {gather(array, std::span(&indices, 1), along_axes(array.rank(), axis)), indices};
}

}  // namespace cne::tensor
