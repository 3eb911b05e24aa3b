#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// The different elements of an array, sorted.
struct Unique {
  Array values;   // one axis
  Array indices;  // int64: where each is found first, row by row
  Array inverse;  // int64, of the array's shape: values[inverse] is the array
  Array counts;   // int64: how often each is there
};

/// As the standard has it: 0 and -0 are the same, and every NaN is another element.
Unique unique(const Array& array);

/// The values alone, which is faster.
Array unique_values(const Array& array);

}  // namespace cne::tensor
