#include "tensor/adjugate.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tensor/lapack.h"
#include "tensor/matrix_stack.h"

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

size_t at(int n, int row, int column) {
  return static_cast<size_t>(column) * static_cast<size_t>(n) + static_cast<size_t>(row);
}

/// a b, of matrices that lie column by column.
template <typename T>
Numbers<T> product(int n, const Numbers<T>& a, const Numbers<T>& b) {
  Numbers<T> out(a.size());
  for (int column = 0; column < n; ++column)
    for (int k = 0; k < n; ++k)
      for (int row = 0; row < n; ++row)
        out[at(n, row, column)] += a[at(n, row, k)] * b[at(n, k, column)];
  return out;
}

template <typename T>
Numbers<T> adjoint_of(int n, const Numbers<T>& a) {
  Numbers<T> out(a.size());
  for (int column = 0; column < n; ++column)
    for (int row = 0; row < n; ++row) out[at(n, row, column)] = conjugated(a[at(n, column, row)]);
  return out;
}

/// A matrix a = u diag(s) v^H, whose adjugate is det(u) det(v^H) v adj(diag(s)) u^H.
template <typename T>
struct Singular {
  int n;
  Numbers<T> u, v;
  Numbers<Real<T>> s;
  T factor;

  Singular(int n, Numbers<T>& lost) : n(n), u(lost.size()), s(static_cast<size_t>(n)) {
    Numbers<T> vh(lost.size());
    Lapack<T>::svd('A', n, n, lost.data(), s.data(), u.data(), vh.data());
    v = adjoint_of(n, vh);
    lost = u;
    factor = lost_determinant(lost, n) * lost_determinant(vh, n);
  }

  /// The product of all singular values but those of i and j.
  T others(int i, int j) const {
    T out = 1;
    for (int k = 0; k < n; ++k)
      if (k != i && k != j) out *= s[static_cast<size_t>(k)];
    return out;
  }

  /// What `middle` stands for, in place of the adjugate of diag(s).
  Numbers<T> around(Numbers<T> middle) const {
    for (T& each : middle) each *= factor;
    return product(n, product(n, v, middle), adjoint_of(n, u));
  }
};

template <typename T>
Numbers<T> by_singular_values(int n, Numbers<T>& lost) {
  const Singular<T> a(n, lost);
  Numbers<T> middle(lost.size());
  for (int k = 0; k < n; ++k) middle[at(n, k, k)] = a.others(k, k);
  return a.around(std::move(middle));
}

/// Of diag(s) and a change k: beside the diagonal -k_ij times the product of the other s, on it the
/// sum over j of k_jj times that.
template <typename T>
Numbers<T> change_by_singular_values(int n, Numbers<T>& lost, const Numbers<T>& change) {
  const Singular<T> a(n, lost);
  const Numbers<T> seen = product(n, product(n, adjoint_of(n, a.u), change), a.v);
  Numbers<T> middle(lost.size());
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      if (i == j) continue;
      const T others = a.others(i, j);
      middle[at(n, i, j)] = -others * seen[at(n, i, j)];
      middle[at(n, i, i)] += others * seen[at(n, j, j)];
    }
  return a.around(std::move(middle));
}

/// LU factors; whether what is made with them can be trusted.
template <typename T>
struct Factors {
  int n;
  Numbers<T> lu;
  std::vector<int> pivots;
  bool are_good;

  Factors(int n, const Numbers<T>& matrix) : n(n), lu(matrix), pivots(static_cast<size_t>(n)) {
    Lapack<T>::lu(n, n, lu.data(), pivots.data());
    are_good = !has_small_pivot(lu, pivots.size()) || !is_finite(matrix, n, Triangle::kBoth);
  }

  /// a^-1 right.
  Numbers<T> solved(Numbers<T> right) const {
    Lapack<T>::lu_solve(n, n, lu.data(), pivots.data(), right.data());
    return right;
  }

  Numbers<T> adjugate() const {
    const T factor = product_of_pivots(lu, pivots);
    Numbers<T> out(lu.size());
    for (int i = 0; i < n; ++i) out[at(n, i, i)] = factor;
    return solved(std::move(out));
  }

  /// tr(x) adj - x adj, of x = a^-1 change.
  Numbers<T> change(const Numbers<T>& change) const {
    Numbers<T> x = solved(change);
    T trace{};
    for (int i = 0; i < n; ++i) trace += x[at(n, i, i)];
    for (T& each : x) each = -each;
    for (int i = 0; i < n; ++i) x[at(n, i, i)] += trace;
    return product(n, x, adjugate());
  }
};

template <typename T>
void each_adjugate(const Array& a, Array& out) {
  const MatrixStack matrices(a);
  const int n = matrices.rows();
  each_matrix(matrices.count(), 4.0 * n * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    const Factors<T> factors(n, matrix);
    const auto result = factors.are_good ? factors.adjugate() : by_singular_values(n, matrix);
    write_matrix(out, index, result.data(), n);
  });
}

template <typename T>
void each_change(const Array& a, const Array& change, Array& out) {
  const MatrixStack matrices(a);
  const MatrixStack changes(change);
  const int n = matrices.rows();
  each_matrix(matrices.count(), 8.0 * n * n * n, [&](int64_t index) {
    auto matrix = matrices.read<T>(index);
    const auto by = changes.read<T>(index);
    const Factors<T> factors(n, matrix);
    const auto result =
        factors.are_good ? factors.change(by) : change_by_singular_values(n, matrix, by);
    write_matrix(out, index, result.data(), n);
  });
}

}  // namespace

Array adjugate_change(const Array& a, const Array& change) {
  check_square(a.type(), "det");
  check_lapack_size(a.shape().back(), a.shape().back(), "det");
  Array out = Array::empty(a.type());
  with_lapack(a.element(), [&](auto number) { each_change<decltype(number)>(a, change, out); });
  return out;
}

Array adjugate(const Array& a) {
  check_square(a.type(), "det");
  check_lapack_size(a.shape().back(), a.shape().back(), "det");
  Array out = Array::empty(a.type());
  with_lapack(a.element(), [&](auto number) { each_adjugate<decltype(number)>(a, out); });
  return out;
}

}  // namespace cne::tensor
