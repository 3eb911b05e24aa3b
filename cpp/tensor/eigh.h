#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Eigenvalues w (..., n), ascending and real, and eigenvectors v (..., n, n) by columns of
/// Hermitian matrices a = v diag(w) v^H, of which the lower triangles are read. float32, float64
/// and the complex types. Throws TypeError, ShapeError, and ArgumentError for NaN, infinities and
/// where the algorithm does not converge. Derivatives are those of matrices whose eigenvalues
/// differ; the gradient is Hermitian.
std::vector<Array> eigh(const Array& a);
/// The eigenvalues alone.
Array eigh_values(const Array& a);

// As a primitive, also of values inside transformations.
Values eigh(const Value& a);
Value eigh_values(const Value& a);
extern const Primitive kEigh;

}  // namespace cne::tensor
