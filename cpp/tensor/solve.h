#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// x of a x = b for invertible matrices a (..., n, n) and b (..., n, columns); the axes before are
/// broadcast. float32, float64 and the complex types; by LU with exchanges of rows. Throws
/// TypeError, ShapeError, and ArgumentError for a matrix that is singular.
Array solve(const Array& a, const Array& b);

// As primitives, also of values inside transformations. An inverse is the solution for the
// identity.
Value solve(const Value& a, const Value& b);
Value inverse(const Value& a);
/// As they are, but of singular matrices what divisions by 0 give, infinities and NaN: for
/// derivatives of what singular matrices have. So are their own derivatives.
Value solve_or_infinite(const Value& a, const Value& b);
Value inverse_or_infinite(const Value& a);
extern const Primitive kSolve;

}  // namespace cne::tensor
