#pragma once

#include <cstdint>

#include "tensor/element.h"

namespace cne::tensor {

// Rows of elements that lie one behind the other. Equal ones keep their order; NaNs go to the end,
// and complex numbers by their real part first. On several threads where a row is long.

/// In place.
void sort_row(Element element, void* row, int64_t n, bool descending);

/// order[i] is the place of what would be at i.
void argsort_row(Element element, const void* row, int64_t n, bool descending, int64_t* order);

}  // namespace cne::tensor
