#pragma once

#include "tensor/array.h"

namespace cne::tensor {

/// Goes along an axis:
///
///   h[i] = a[i] * h[i - 1] + b[i], h[-1] = 0      reverse: from the last one on, with h[i + 1]
///
/// Both arrays have one shape and type, of numbers; floats are computed in float64 and rounded for
/// each element. Derivatives of cumulative operations are such recurrences, and those of
/// recurrences, too. Throws TypeError, ShapeError or ArgumentError for what does not fit.
Array linear_recurrence(const Array& a, const Array& b, int64_t axis, bool reverse);

}  // namespace cne::tensor
