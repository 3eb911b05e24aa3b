#include "tensor/cholesky.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/triangular_solve.h"

namespace cne::tensor {

namespace {

template <typename T>
void factor(const Array& a, Array& out) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  each_matrix(matrices.count(), static_cast<double>(n) * n * n / 3, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    check_finite(matrix, n, Triangle::kLower, index, "cholesky");
    if (const int info = Lapack<T>::cholesky(n, matrix.data()); info != 0)
      throw ArgumentError(message("cholesky: expected positive definite matrices, but matrix ",
                                  index, " of the batch is not (seen at row ", info - 1, ")"));
    for (int column = 1; column < n; ++column)
      std::fill_n(matrix.data() + int64_t{column} * n, column, T{});
    write_matrix(out, index, matrix.data(), n);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "cholesky");
  return one(inputs[0]);
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  return one(cholesky(inputs[0]));
}

/// The lower triangle with half the diagonal.
Value half_triangle(const Value& a) { return lower_triangle(a, -1) + diagonal_part(a) * 0.5; }

/// Of a = L L^H: dL = L phi(L^-1 da L^-H), where phi is half_triangle.
Values jvp(const Call& call, ValueSpan tangents) {
  const Value& l = call.outputs[0];
  const Value change = (tangents[0] + adjoint(tangents[0])) * 0.5;
  const Value left = triangular_solve(l, change, {});
  const Value both = adjoint(triangular_solve(l, adjoint(left), {}));
  return one(matmul(l, half_triangle(both)));
}

/// L^-H phi(L^H cotangent) L^-1, made Hermitian.
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value& l = call.outputs[0];
  const TriangularParams by_adjoint{true, true, false};
  const Value inner = half_triangle(matmul(adjoint(l), lower_triangle(cotangents[0])));
  const Value left = triangular_solve(l, inner, by_adjoint);
  const Value both = adjoint(triangular_solve(l, adjoint(left), by_adjoint));
  return one((both + adjoint(both)) * 0.5);
}

Values batch(const Batch& batch) { return one(cholesky(batch.inputs[0])); }

}  // namespace

Array cholesky(const Array& a) {
  check_square(a.type(), "cholesky");
  check_lapack_size(a.shape().back(), a.shape().back(), "cholesky");
  Array out = Array::empty(a.type());
  with_lapack(a.element(), [&](auto number) { factor<decltype(number)>(a, out); });
  return out;
}

const Primitive kCholesky = {
    "cholesky", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepOutputs; }};

Value cholesky(const Value& a) {
  const Value inputs[] = {a};
  return apply_one(kCholesky, Params(), inputs);
}

}  // namespace cne::tensor
