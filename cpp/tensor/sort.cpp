#include "tensor/sort.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"
#include "tensor/cuda_order.h"
#include "tensor/cuda_run.h"
#include "tensor/gather.h"
#include "tensor/rows.h"
#include "tensor/sort_row.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Elements below which a second thread does not pay.
constexpr int64_t kGrain = 1 << 13;

/// Rows side by side; a few long ones one after the other, each on several threads.
template <typename Row>
void each_row(int64_t rows, int64_t length, const Row& row) {
  if (rows < num_threads()) {
    for (int64_t i = 0; i < rows; ++i) row(i);
    return;
  }
  parallel_for(rows, std::max<int64_t>(kGrain / length, 1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) row(i);
  });
}

}  // namespace

Array sort(const Array& array, int64_t wanted, bool descending) {
  const int axis = normalize_axis(wanted, array.rank(), "sort");
  if (is_on_device(array)) return sort_on_cuda(array, axis, descending).values;
  Array rows = rows_along(array, axis);
  const int64_t length = array.shape()[axis];
  if (array.size() != 0)
    each_row(array.size() / length, length, [&](int64_t i) {
      uint8_t* row =
          rows.mutable_data() + static_cast<size_t>(i * length) * size_of(array.element());
      sort_row(array.element(), row, length, descending);
    });
  return rows_back(rows, axis);
}

Array argsort(const Array& array, int64_t wanted, bool descending) {
  const int axis = normalize_axis(wanted, array.rank(), "argsort");
  if (is_on_device(array)) return sort_on_cuda(array, axis, descending).places;
  const Array rows = contiguous_rows_along(array, axis);
  check_shape(rows.shape(), Element::kInt64, "argsort");
  Array order = Array::empty({Element::kInt64, rows.shape(), {}});
  const int64_t length = array.shape()[axis];
  if (array.size() != 0)
    each_row(array.size() / length, length, [&](int64_t i) {
      const uint8_t* row = rows.data() + static_cast<size_t>(i * length) * size_of(array.element());
      argsort_row(array.element(), row, length, descending,
                  order.mutable_as<int64_t>() + i * length);
    });
  return rows_back(order, axis);
}

std::vector<Array> sort(std::span<const Array> arrays, int64_t wanted, bool descending) {
  if (arrays.empty()) throw ArgumentError("sort: expected at least one array");
  for (const Array& array : arrays)
    if (!(array.shape() == arrays[0].shape()))
      throw ShapeError(message("sort: expected arrays of one shape, got ",
                               to_string(arrays[0].shape()), " and ", to_string(array.shape())));
  if (arrays.size() == 1) return {sort(arrays[0], wanted, descending)};
  const int axis = normalize_axis(wanted, arrays[0].rank(), "sort");
  const Array order = argsort(arrays[0], axis, descending);
  std::vector<Array> out;
  for (const Array& array : arrays)
    out.push_back(gather(array, std::span(&order, 1), along_axes(array.rank(), axis)));
  return out;
}

}  // namespace cne::tensor
