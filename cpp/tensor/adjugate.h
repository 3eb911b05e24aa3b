#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// The adjugates of matrices (..., n, n): det(a) a^-1, which singular matrices have too, as the
/// transposed cofactors. The derivative of a determinant is their trace with the change. By LU, and
/// by singular values where a pivot is next to 0. Throws TypeError or ShapeError.
/// Derivatives are those of invertible matrices.
Array adjugate(const Array& a);

/// As a primitive, also of values inside transformations.
Value adjugate(const Value& a);
extern const Primitive kAdjugate;

}  // namespace cne::tensor
