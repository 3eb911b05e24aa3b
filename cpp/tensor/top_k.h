#pragma once

#include "tensor/array.h"

namespace cne::tensor {

struct TopK {
  Array values;
  Array indices;  // int64
};

/// The `k` largest (or smallest) elements along an axis, the first one first, and their places; of
/// equal ones those that come first. NaNs are behind all numbers. Throws ArgumentError for a `k`
/// beyond the extent, TypeError for complex numbers.
TopK top_k(const Array& array, int64_t k, int64_t axis, bool largest);

}  // namespace cne::tensor
