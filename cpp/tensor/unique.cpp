#include "tensor/unique.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tensor/copy_run.h"
#include "tensor/cuda_run.h"
#include "tensor/cuda_unique.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise.h"
#include "tensor/gather.h"
#include "tensor/sort.h"
#include "tensor/sort_key.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Of sorted elements; not so for a NaN and itself.
template <typename T>
bool is_same(T a, T b) {
  if constexpr (kIsStoredComplex<T>)
    return a == b;
  else
    return !is_nan(a) && to_equal_word(a) == to_equal_word(b);
}

/// Where among sorted elements another one begins.
std::vector<int64_t> starts_of(const Array& sorted) {
  std::vector<int64_t> out;
  with_stored(sorted.element(), [&](auto stored) {
    using T = decltype(stored);
    const T* values = sorted.as<T>();
    for (int64_t i = 0; i < sorted.size(); ++i)
      if (i == 0 || !is_same(values[i - 1], values[i])) out.push_back(i);
  });
  return out;
}

Array line_of(const std::vector<int64_t>& numbers) {
  Array out = Array::empty({Element::kInt64, {static_cast<int64_t>(numbers.size())}, {}});
  if (!numbers.empty()) std::memcpy(out.mutable_data(), numbers.data(), numbers.size() * 8);
  return out;
}

Array taken(const Array& line, const Array& places) {
  return gather(line, std::span(&places, 1), take_axes(1, 0, 1));
}

}  // namespace

Unique unique(const Array& array) {
  if (is_on_device(array)) return unique_on_cuda(array);
  const Array line = reshape(array, {array.size()});
  const Array order = argsort(line, 0, false);
  const Array sorted = taken(line, order);
  std::vector<int64_t> ends = starts_of(sorted);
  const Array starts = line_of(ends);
  Unique out{taken(sorted, starts),
             taken(order, starts),
             Array::empty({Element::kInt64, line.shape(), {}}),
             {}};
  if (!ends.empty()) ends.erase(ends.begin());
  if (line.size() != 0) ends.push_back(line.size());
  out.counts = elementwise(ElementOp::kSubtract, line_of(ends), starts);
  int64_t* inverse = out.inverse.mutable_as<int64_t>();
  const int64_t* places = order.as<int64_t>();
  int64_t at = 0;
  for (size_t i = 0; i < ends.size(); ++i)
    for (; at < ends[i]; ++at) inverse[places[at]] = static_cast<int64_t>(i);
  out.inverse = reshape(out.inverse, array.shape());
  return out;
}

Array unique_values(const Array& array) {
  if (is_on_device(array)) return unique_on_cuda(array).values;
  const Array sorted = sort(reshape(array, {array.size()}), 0, false);
  return taken(sorted, line_of(starts_of(sorted)));
}

}  // namespace cne::tensor
