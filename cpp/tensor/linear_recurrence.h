#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Goes along an axis:
///
///   h[i] = a[i] * h[i - 1] + b[i], h[-1] = 0      reverse: from the last one on, with h[i + 1]
///
/// Both arrays have one shape and type, of numbers; floats are computed in float64 and rounded for
/// each element. Derivatives of cumulative operations are such recurrences, and those of
/// recurrences, too. Throws TypeError, ShapeError or ArgumentError for what does not fit.
Array linear_recurrence(const Array& a, const Array& b, int64_t axis, bool reverse);

/// Throws as it does for types that do not fit.
void check_linear_recurrence(const Type& a, const Type& b);

/// As a primitive, also of values inside transformations.
Value linear_recurrence(const Value& a, const Value& b, int64_t axis, bool reverse);

extern const Primitive kLinearRecurrence;

/// What is one place before each element in the order of a recurrence: `first` before the first
/// one.
Value one_before(const Value& value, int axis, bool reverse, double first);

}  // namespace cne::tensor
