#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Eigenvalues w (..., n), in no order, and eigenvectors v (..., n, n) by columns, of the length 1,
/// of any square matrices: a v = v diag(w). Both are complex, of real matrices too. float32,
/// float64 and the complex types. Throws TypeError, ShapeError, and ArgumentError for NaN,
/// infinities and where the algorithm does not converge. Derivatives are those of matrices whose
/// eigenvalues differ, and of functions that do not depend on the phases of vectors.
std::vector<Array> eig(const Array& a);
/// The eigenvalues alone.
Array eig_values(const Array& a);

// As a primitive, also of values inside transformations.
Values eig(const Value& a);
Value eig_values(const Value& a);
extern const Primitive kEig;

}  // namespace cne::tensor
