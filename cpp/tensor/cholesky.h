#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// L of a = L L^H for positive definite matrices a (..., n, n), of which the lower triangles are
/// read: lower triangular, with a positive diagonal and zeros above it. float32, float64 and the
/// complex types. Throws TypeError, ShapeError, and ArgumentError for a matrix that is not positive
/// definite or not finite. The gradient is Hermitian: that of all elements.
Array cholesky(const Array& a);

/// As a primitive, also of values inside transformations.
Value cholesky(const Value& a);
extern const Primitive kCholesky;

}  // namespace cne::tensor
