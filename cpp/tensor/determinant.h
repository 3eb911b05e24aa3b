#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// The determinants of matrices (..., n, n), of float32, float64 or a complex type. Throws
/// TypeError or ShapeError.
Array determinant(const Array& a);

/// Of determinants the sign (for complex ones of the absolute value 1; 0 for singular matrices) and
/// the logarithm of the absolute value, which does not leave the range of floats.
/// Derivatives of singular matrices are infinite or NaN.
std::vector<Array> sign_and_log_determinant(const Array& a);

// As primitives, also of values inside transformations.
Value determinant(const Value& a);
Values sign_and_log_determinant(const Value& a);
extern const Primitive kDeterminant;
extern const Primitive kLogDeterminant;

}  // namespace cne::tensor
