#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// x times the transpose of a weight that is stored in a narrow type:
///
///   out[..., j] = scale[j] * sum_k x[..., k] weight[j, k]
///
/// x is (..., k) of float32, weight (n, k) of bfloat16, float16 or int8, and scale (n,) of float32;
/// the result is float32. Without a scale (an empty Array) it is 1. Each weight is read once for up
/// to four rows of x, as decoding does: then the speed is that of memory. Results do not depend on
/// the threads, but those of up to four rows are added up in another order than those of more.
///
/// Throws TypeError for other types, ShapeError for extents that do not match.
Array narrow_linear(const Array& x, const Array& weight, const Array& scale);

}  // namespace cne::tensor
