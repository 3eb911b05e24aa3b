#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// Q and R of a = Q R for matrices (..., m, n): Q (..., m, k) has orthonormal columns, R (..., k,
/// n) is upper triangular, and k = min(m, n), or m when `is_complete`. float32, float64 and the
/// complex types. Throws TypeError or ShapeError. Derivatives are those of
/// matrices whose first min(m, n) columns are independent; UnsupportedError for m > n with
/// `is_complete`.
std::vector<Array> qr(const Array& a, bool is_complete);

/// As a primitive, also of values inside transformations.
Values qr(const Value& a, bool is_complete);
extern const Primitive kQr;

}  // namespace cne::tensor
