#include "tensor/triangular_solve.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

template <typename T>
void solve(const Array& a, const Array& b, const TriangularParams& params, Array& out) {
  const MatrixStack matrices(a);
  const MatrixStack sides(b);
  const int n = sides.rows();
  const int columns = sides.columns();
  const char operation = params.is_adjoint ? 'C' : 'N';
  each_matrix(sides.count(), static_cast<double>(n) * n * columns, [&](int64_t index) {
    const auto matrix = matrices.read<T>(index);
    auto x = sides.read<T>(index);
    Lapack<T>::triangular(params.is_lower, operation, params.has_unit_diagonal, n, columns,
                          matrix.data(), x.data());
    write_matrix(out, index, x.data(), n);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return one(solve_type(inputs[0], inputs[1], "triangular_solve"));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(triangular_solve(inputs[0], inputs[1], params.as<TriangularParams>()));
}

/// What of a derivative by a is read.
Value seen(const Value& change, const TriangularParams& params) {
  const int64_t offset = params.has_unit_diagonal ? 1 : 0;
  return params.is_lower ? lower_triangle(change, -offset) : upper_triangle(change, offset);
}

/// a dx = db - da x.
Values jvp(const Call& call, ValueSpan tangents) {
  const auto& params = call.params.as<TriangularParams>();
  const Value& a = call.inputs[0];
  Value side = tangents[1];
  if (tangents[0]) {
    const Value change = seen(tangents[0], params);
    const Value product = matmul(params.is_adjoint ? adjoint(change) : change, call.outputs[0]);
    side = side ? side - product : -product;
  }
  return one(side ? triangular_solve(a, side, params) : Value());
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto& params = call.params.as<TriangularParams>();
  TriangularParams opposite = params;
  opposite.is_adjoint = !params.is_adjoint;
  const Value& a = call.inputs[0];
  const Value& x = call.outputs[0];
  const Value side = triangular_solve(a, cotangents[0], opposite);
  Values out(2);
  if (wanted[0] != 0) {
    const Value change = params.is_adjoint ? matmul(x, adjoint(side)) : matmul(side, adjoint(x));
    out[0] = sum_to(seen(-change, params), a.shape());
  }
  if (wanted[1] != 0) out[1] = sum_to(side, call.inputs[1].shape());
  return out;
}

Values batch(const Batch& batch) {
  const auto [a, b] = aligned(batch);
  return one(triangular_solve(a, b, batch.params.as<TriangularParams>()));
}

}  // namespace

Array triangular_solve(const Array& a, const Array& b, const TriangularParams& params) {
  const Type type = solve_type(a.type(), b.type(), "triangular_solve");
  check_lapack_size(a.shape().back(), std::max(a.shape().back(), type.shape.back()),
                    "triangular_solve");
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  const Dims batch = batch_of(type.shape);
  const Array matrices = broadcast_to(a, with_matrix(batch, a.shape().back(), a.shape().back()));
  const Array sides = broadcast_to(b, type.shape);
  with_lapack(a.element(),
              [&](auto number) { solve<decltype(number)>(matrices, sides, params, out); });
  return out;
}

const Primitive kTriangularSolve = {
    "triangular_solve", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepBoth; }};

Value triangular_solve(const Value& a, const Value& b, const TriangularParams& params) {
  const Value inputs[] = {a, b};
  return apply_one(kTriangularSolve, Params(params), inputs);
}

}  // namespace cne::tensor
