#pragma once

#include <complex>
#include <cstdint>
#include <vector>

namespace cne::tensor {

// LAPACK's functions on matrices that lie column by column without gaps: float, double,
// std::complex<float> and std::complex<double>. Those that return a number return LAPACK's `info`:
// 0 when all is well. One call runs on the calling thread. Source: https://netlib.org/lapack.

template <typename T>
struct RealOf {
  using Type = T;
};
template <typename T>
struct RealOf<std::complex<T>> {
  using Type = T;
};
template <typename T>
using Real = typename RealOf<T>::Type;
template <typename T>
using Complex = std::complex<Real<T>>;

/// Throws UnsupportedError naming `function` for a matrix with more elements than LAPACK counts.
void check_lapack_size(int64_t rows, int64_t columns, const char* function);

template <typename T>
struct Lapack {
  /// a (n, n) becomes its lower Cholesky factor; what is above the diagonal is left. The return
  /// value is the first row, from 1 on, where the matrix is not positive definite.
  static int cholesky(int n, T* a);

  /// Solves op(a) x = b for a triangular a (n, n) and b (n, columns), which becomes x. `operation`
  /// is 'N', 'T' or 'C'.
  static void triangular(bool is_lower, char operation, bool has_unit_diagonal, int n, int columns,
                         const T* a, T* b);

  /// a (m, n) becomes L and U of a = P L U; row i was exchanged with row pivots[i] - 1. The return
  /// value is the first pivot, from 1 on, that is 0.
  static int lu(int m, int n, T* a, int* pivots);

  /// Solves a x = b with what lu made of a.
  static void lu_solve(int n, int columns, const T* lu, const int* pivots, T* b);

  /// a (m, n) becomes R on and above the diagonal and reflectors below, with their factors in
  /// `tau`.
  static void qr(int m, int n, T* a, T* tau);

  /// q (m, columns), of which the first `reflectors` columns are what qr made, becomes Q.
  static void q(int m, int columns, int reflectors, T* q, const T* tau);

  /// Eigenvalues, ascending, of a Hermitian a (n, n), of which the lower triangle is read; with
  /// `has_vectors` a becomes the eigenvectors by columns.
  static int eigh(bool has_vectors, int n, T* a, Real<T>* values);

  /// Eigenvalues of any a (n, n), which is lost; with `vectors` also those by columns.
  static int eig(int n, T* a, Complex<T>* values, Complex<T>* vectors);

  /// Singular values of a (m, n), which is lost, in descending order; with `job` 'S' also u (m, k)
  /// and vh (k, n) with k = min(m, n), with 'A' u (m, m) and vh (n, n), with 'N' none.
  static int svd(char job, int m, int n, T* a, Real<T>* values, T* u, T* vh);
};

}  // namespace cne::tensor
