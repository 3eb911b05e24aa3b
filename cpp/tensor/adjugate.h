#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// The adjugates of matrices (..., n, n): det(a) a^-1, which singular matrices have too, as the
/// transposed cofactors. The derivative of a determinant is their trace with the change. By LU, and
/// by singular values where a pivot is next to 0. Throws TypeError or ShapeError.
Array adjugate(const Array& a);

/// How adjugates change when a changes by `change`, of the type of a. With x = a^-1 change it is
/// tr(x) adj - x adj; by singular values where a pivot is next to 0, so for every rank.
/// Derivatives by a of singular matrices beyond 5 rows are infinite or NaN.
Array adjugate_change(const Array& a, const Array& change);

// As primitives, also of values inside transformations.
Value adjugate(const Value& a);
Value adjugate_change(const Value& a, const Value& change);
extern const Primitive kAdjugate;
extern const Primitive kAdjugateChange;

}  // namespace cne::tensor
