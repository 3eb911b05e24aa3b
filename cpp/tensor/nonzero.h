#pragma once

#include <vector>

#include "tensor/array.h"

namespace cne::tensor {

/// The places of the elements that are not zero, row by row: for each axis the indices along it, as
/// int64. Without axes there are none; the result is empty.
std::vector<Array> nonzero(const Array& array);

}  // namespace cne::tensor
