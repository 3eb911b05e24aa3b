#pragma once

#include <tuple>

#include "tensor/primitive.h"

namespace cne::tensor {

struct TriangularParams {
  bool is_lower = true;     // else the upper triangle is read
  bool is_adjoint = false;  // a^H instead of a
  bool has_unit_diagonal = false;
  auto fields() const { return std::tie(is_lower, is_adjoint, has_unit_diagonal); }
};

/// x of a x = b for triangular matrices a (..., n, n), of which one triangle is read, and b
/// (..., n, columns); the axes before are broadcast. float32, float64 and the complex types. A zero
/// on a diagonal gives infinities. Throws TypeError or ShapeError.
Array triangular_solve(const Array& a, const Array& b, const TriangularParams& params);

/// As a primitive, also of values inside transformations.
Value triangular_solve(const Value& a, const Value& b, const TriangularParams& params);
extern const Primitive kTriangularSolve;

}  // namespace cne::tensor
