#pragma once

#include <utility>

#include "tensor/matmul.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

// What the rules of linear algebra are written with. Matrices are the last two axes.

Value transpose(const Value& a);
/// The conjugate of the transpose.
Value adjoint(const Value& a);

/// What lies on and below the diagonal that is `offset` above the main one; 0 elsewhere.
Value lower_triangle(const Value& a, int64_t offset = 0);
/// What lies on and above it.
Value upper_triangle(const Value& a, int64_t offset = 0);
/// The diagonal alone, in a matrix.
Value diagonal_part(const Value& a);
/// The elements of the diagonal: (..., min(m, n)).
Value diagonal(const Value& a);
/// A matrix with these on its diagonal.
Value diagonal_matrix(const Value& values);
/// Ones on the diagonal: as many, of the type of `like` and where that is.
Array identity(int64_t n, const Type& like);

/// a diag(values), diag(values) a.
Value scale_columns(const Value& a, const Value& values);
Value scale_rows(const Value& values, const Value& a);

/// 1 / (values_j - values_i) in row i and column j, 0 on the diagonal, of the type of `like`: what
/// derivatives of eigenvectors have.
Value inverse_gaps(const Value& values, const Value& like);

/// Both inputs of a batch with as many axes behind that of the batch, so that they are broadcast
/// example by example.
std::pair<Value, Value> aligned(const Batch& batch);

/// Real numbers as complex ones where `like` is complex.
Value as_type_of(const Value& real, const Value& like);
/// The real part; others as they are.
Value real_part(const Value& a);

}  // namespace cne::tensor
