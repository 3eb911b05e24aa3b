#pragma once

#include "tensor/primitive.h"

namespace cne::tensor {

/// The matrix product of the last two axes of both, batches of them by the axes before:
///
///   out[..., i, j] = sum_k a[..., i, k] b[..., k, j]
///
/// a is (..., m, k) and b (..., k, n); the axes before are broadcast. An array of one axis is a row
/// on the left and a column on the right, and that axis is not in the result. Sums over nothing are
/// 0. Sums of float16 and bfloat16 are made in float32 and rounded once; integers wrap around.
///
/// Throws TypeError for two types or bool; ShapeError, naming the shapes, for an array without
/// axes, extents that do not match, or batches that cannot be broadcast. The Python Array API
/// standard 2024.12, `matmul`. Transposed, sliced and broadcast arrays are read as they lie where
/// rows or columns have no gaps between their elements; others are copied first. Results do not
/// depend on the number of threads.
Array matmul(const Array& a, const Array& b);

/// The type of the product; throws as it does.
Type matmul_type(const Type& a, const Type& b);

/// As a primitive, also of values inside transformations.
Value matmul(const Value& a, const Value& b);

extern const Primitive kMatmul;

/// matmul(a, b) + bias in one go; `bias` (n,) of the same type is added to each row before anything
/// is rounded to float16 or bfloat16. b has at least two axes.
Array matmul_bias(const Array& a, const Array& b, const Array& bias);

/// matmul of int8 arrays into int32, exact up to sums of 2^17 products and modulo 2^32 beyond: the
/// same on every processor. Throws TypeError for other types.
Array matmul_int8(const Array& a, const Array& b);
Type matmul_int8_type(const Type& a, const Type& b);

}  // namespace cne::tensor
