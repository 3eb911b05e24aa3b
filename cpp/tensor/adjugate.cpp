#include "tensor/adjugate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"
#include "tensor/matrix_values.h"
#include "tensor/solve.h"

namespace cne::tensor {

namespace {

template <typename T>
T conjugated(const T& a) {
  if constexpr (std::is_same_v<T, Real<T>>)
    return a;
  else
    return std::conj(a);
}

template <typename T>
using Numbers = std::vector<T>;

/// The product of the pivots, with the sign of the exchanges of rows.
template <typename T>
T product_of_pivots(const Numbers<T>& lu, const std::vector<int>& pivots) {
  T out = 1;
  for (size_t i = 0; i < pivots.size(); ++i) {
    out *= lu[i * (pivots.size() + 1)];
    if (pivots[i] != static_cast<int>(i) + 1) out = -out;
  }
  return out;
}

template <typename T>
bool has_small_pivot(const Numbers<T>& lu, size_t n) {
  Real<T> least = std::numeric_limits<Real<T>>::infinity();
  Real<T> most = 0;
  for (size_t i = 0; i < n; ++i) {
    least = std::min(least, std::abs(lu[i * (n + 1)]));
    most = std::max(most, std::abs(lu[i * (n + 1)]));
  }
  return least <= std::sqrt(std::numeric_limits<Real<T>>::epsilon()) * most;
}

/// det of a matrix, which is lost.
template <typename T>
T lost_determinant(Numbers<T>& matrix, int n) {
  std::vector<int> pivots(static_cast<size_t>(n));
  Lapack<T>::lu(n, n, matrix.data(), pivots.data());
  return product_of_pivots(matrix, pivots);
}

/// det(u) det(vh) v diag(products of the other singular values) u^H, of a matrix that is lost.
template <typename T>
void by_singular_values(int n, Numbers<T>& matrix, Numbers<T>& out) {
  Numbers<T> u(matrix.size());
  Numbers<T> vh(matrix.size());
  Numbers<Real<T>> s(static_cast<size_t>(n));
  Lapack<T>::svd('A', n, n, matrix.data(), s.data(), u.data(), vh.data());
  Numbers<T> lost = u;
  T factor = lost_determinant(lost, n);
  lost = vh;
  factor *= lost_determinant(lost, n);
  const auto at = [n](int row, int column) {
    return static_cast<size_t>(column) * static_cast<size_t>(n) + static_cast<size_t>(row);
  };
  std::fill(out.begin(), out.end(), T{});
  for (int k = 0; k < n; ++k) {
    T others = factor;
    for (int i = 0; i < n; ++i)
      if (i != k) others *= s[static_cast<size_t>(i)];
    for (int column = 0; column < n; ++column)
      for (int row = 0; row < n; ++row)
        out[at(row, column)] += others * conjugated(vh[at(k, row)] * u[at(column, k)]);
  }
}

template <typename T>
void each_adjugate(const Array& a, Array& out) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  each_matrix(matrices.count(), 4.0 * n * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    Numbers<T> lu = matrix;
    std::vector<int> pivots(static_cast<size_t>(n));
    Lapack<T>::lu(n, n, lu.data(), pivots.data());
    Numbers<T> result(matrix.size());
    if (has_small_pivot(lu, pivots.size()) && is_finite(matrix, n, Triangle::kBoth)) {
      by_singular_values(n, matrix, result);
    } else {
      const T factor = product_of_pivots(lu, pivots);
      for (size_t i = 0; i < pivots.size(); ++i) result[i * (pivots.size() + 1)] = factor;
      Lapack<T>::lu_solve(n, n, lu.data(), pivots.data(), result.data());
    }
    write_matrix(out, index, result.data(), n);
  });
}

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  check_square(inputs[0], "det");
  return one(inputs[0]);
}

std::vector<Array> run(const Params&, std::span<const Array> inputs) {
  return one(adjugate(inputs[0]));
}

Value trace(const Value& a) {
  const Value sum = reduce(ReduceOp::kSum, diagonal(a), {a.rank() - 2}, false);
  return expand_dims(sum, {sum.rank(), sum.rank() + 1});
}

/// With x = a^-1 da: tr(x) adj - x adj.
Values jvp(const Call& call, ValueSpan tangents) {
  const Value x = solve(call.inputs[0], tangents[0]);
  const Value& adj = call.outputs[0];
  return one(trace(x) * adj - matmul(x, adj));
}

Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t>) {
  const Value back = adjoint(call.outputs[0]);
  const Value turned = matmul(cotangents[0], back);
  const Value& a = call.inputs[0];
  const Value ones(identity(a.shape().back(), a.element()));
  return one(solve(adjoint(a), trace(turned) * ones - turned));
}

Values batch(const Batch& batch) { return one(adjugate(batch.inputs[0])); }

}  // namespace

Array adjugate(const Array& a) {
  check_square(a.type(), "det");
  check_lapack_size(a.shape().back(), a.shape().back(), "det");
  Array out = Array::empty(a.type());
  with_lapack(a.element(), [&](auto number) { each_adjugate<decltype(number)>(a, out); });
  return out;
}

const Primitive kAdjugate = {
    "adjugate", infer, run, jvp, vjp, batch, [](const Params&) { return kKeepBoth; }};

Value adjugate(const Value& a) {
  const Value inputs[] = {a};
  return apply_one(kAdjugate, Params(), inputs);
}

}  // namespace cne::tensor
