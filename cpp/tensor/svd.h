#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// u, s and vh of a = u diag(s) vh for matrices (..., m, n): singular values s (..., k),
/// descending, with k = min(m, n); u (..., m, k) and vh (..., k, n) have orthonormal columns and
/// rows, or are square when `is_full`. float32, float64 and the complex types. Throws TypeError,
/// ShapeError, and ArgumentError for NaN, infinities and where the algorithm does not converge.
/// Derivatives of u and vh are those of matrices whose singular values differ and are not 0; with
/// `is_full` they are there for square matrices alone, UnsupportedError otherwise.
std::vector<Array> svd(const Array& a, bool is_full);
/// The singular values alone.
Array svd_values(const Array& a);

// As a primitive, also of values inside transformations.
Values svd(const Value& a, bool is_full);
Value svd_values(const Value& a);
extern const Primitive kSvd;

}  // namespace cne::tensor
