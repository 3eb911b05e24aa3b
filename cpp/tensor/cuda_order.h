#pragma once

#include <vector>

#include "tensor/array.h"

namespace cne::tensor {

/// Places of the first largest or smallest element of the last axis of an array on a CUDA device,
/// a block for each row: int64, without that axis. See arg_reduce.
Array arg_reduce_on_cuda(bool largest, const Array& array);

/// An axis in the order of sort (tensor/sort.h), and where each element was: int64. Runs of 32
/// elements are sorted by counting, then merged two by two, a thread an element: log2(n / 32)
/// launches, each of which reads and writes all.
struct Ordered {
  Array values;
  Array places;
};
Ordered sort_on_cuda(const Array& array, int axis, bool descending);

/// search_sorted of arrays of which one is on a CUDA device, whose types fit: a thread a value, by
/// the steps of the CPU.
Array search_sorted_on_cuda(const Array& sorted, const Array& values, bool right);

}  // namespace cne::tensor
