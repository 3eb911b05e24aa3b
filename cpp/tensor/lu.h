#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// L and U of a[rows] = L U for matrices (..., m, n), by partial pivoting: a matrix (..., m, n)
/// with U on and above the diagonal and L, whose diagonal is of ones, below it; and `rows` (..., m)
/// as int64. float32, float64 and the complex types. Throws TypeError or ShapeError; singular
/// matrices have zeros on the diagonal of U.
std::vector<Array> lu(const Array& a);

/// As a primitive, also of values inside transformations. It has no derivative: linalg.lu has.
Values lu(const Value& a);
extern const Primitive kLu;

}  // namespace cne::tensor
