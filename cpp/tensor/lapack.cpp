#include "tensor/lapack.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "tensor/blas.h"

namespace cne::tensor {

namespace {

// As Fortran has them: all by address.

template <typename T>
constinit const BlasFunction<void(const char*, const int*, T*, const int*, int*)> kPotrf(
    blas_name<T>("spotrf_", "dpotrf_", "cpotrf_", "zpotrf_"));
template <typename T>
constinit const BlasFunction<void(const char*, const char*, const char*, const char*, const int*,
                                  const int*, const T*, const T*, const int*, T*, const int*)>
    kTrsm(blas_name<T>("strsm_", "dtrsm_", "ctrsm_", "ztrsm_"));
template <typename T>
constinit const BlasFunction<void(const int*, const int*, T*, const int*, int*, int*)> kGetrf(
    blas_name<T>("sgetrf_", "dgetrf_", "cgetrf_", "zgetrf_"));
template <typename T>
constinit const BlasFunction<void(const char*, const int*, const int*, const T*, const int*,
                                  const int*, T*, const int*, int*)>
    kGetrs(blas_name<T>("sgetrs_", "dgetrs_", "cgetrs_", "zgetrs_"));
template <typename T>
constinit const BlasFunction<void(const int*, const int*, T*, const int*, T*, T*, const int*, int*)>
    kGeqrf(blas_name<T>("sgeqrf_", "dgeqrf_", "cgeqrf_", "zgeqrf_"));
template <typename T>
constinit const BlasFunction<void(const int*, const int*, const int*, T*, const int*, const T*, T*,
                                  const int*, int*)>
    kOrgqr(blas_name<T>("sorgqr_", "dorgqr_", "cungqr_", "zungqr_"));
template <typename T>
constinit const BlasFunction<void(const char*, const char*, const int*, T*, const int*, Real<T>*,
                                  T*, const int*, int*, const int*, int*)>
    kSyevd(blas_name<T>("ssyevd_", "dsyevd_", "", ""));
template <typename T>
constinit const BlasFunction<void(const char*, const char*, const int*, T*, const int*, Real<T>*,
                                  T*, const int*, Real<T>*, const int*, int*, const int*, int*)>
    kHeevd(blas_name<T>("", "", "cheevd_", "zheevd_"));
template <typename T>
constinit const BlasFunction<void(const char*, const char*, const int*, T*, const int*, T*, T*, T*,
                                  const int*, T*, const int*, T*, const int*, int*)>
    kRealEig(blas_name<T>("sgeev_", "dgeev_", "", ""));
template <typename T>
constinit const BlasFunction<void(const char*, const char*, const int*, T*, const int*, T*, T*,
                                  const int*, T*, const int*, T*, const int*, Real<T>*, int*)>
    kComplexEig(blas_name<T>("", "", "cgeev_", "zgeev_"));
template <typename T>
constinit const BlasFunction<void(const char*, const int*, const int*, T*, const int*, Real<T>*, T*,
                                  const int*, T*, const int*, T*, const int*, int*, int*)>
    kRealSvd(blas_name<T>("sgesdd_", "dgesdd_", "", ""));
template <typename T>
constinit const BlasFunction<void(const char*, const int*, const int*, T*, const int*, Real<T>*, T*,
                                  const int*, T*, const int*, T*, const int*, Real<T>*, int*, int*)>
    kComplexSvd(blas_name<T>("", "", "cgesdd_", "zgesdd_"));

template <typename T>
constexpr bool kIsReal = std::is_same_v<T, Real<T>>;

/// The distance of columns: at least 1.
int leading(int rows) { return std::max(rows, 1); }

/// How much work space a query answered, rounded up, since float32 cannot hold each number.
template <typename T>
int work_size(const T& answer) {
  const double size = static_cast<double>(std::real(answer));
  const double up = size * (1 + 2 * static_cast<double>(std::numeric_limits<Real<T>>::epsilon()));
  return static_cast<int>(
      std::clamp(std::ceil(up), 1.0, static_cast<double>(std::numeric_limits<int>::max())));
}

}  // namespace

void check_lapack_size(int64_t rows, int64_t columns, const char* function) {
  // Work spaces are several times the matrix.
  constexpr int64_t kMost = std::numeric_limits<int>::max() / 8;
  if (rows > kMost || columns > kMost || (columns > 0 && rows > kMost / columns))
    throw UnsupportedError(message(function, ": expected at most ", kMost,
                                   " elements in a matrix, got ", rows, " by ", columns));
}

template <typename T>
int Lapack<T>::cholesky(int n, T* a) {
  const int lead = leading(n);
  int info = 0;
  kPotrf<T>("L", &n, a, &lead, &info);
  return info;
}

template <typename T>
void Lapack<T>::triangular(bool is_lower, char operation, bool has_unit_diagonal, int n,
                           int columns, const T* a, T* b) {
  const int lead = leading(n);
  const T one = 1;
  kTrsm<T>("L", is_lower ? "L" : "U", &operation, has_unit_diagonal ? "U" : "N", &n, &columns, &one,
           a, &lead, b, &lead);
}

template <typename T>
int Lapack<T>::lu(int m, int n, T* a, int* pivots) {
  const int lead = leading(m);
  int info = 0;
  kGetrf<T>(&m, &n, a, &lead, pivots, &info);
  return info;
}

template <typename T>
void Lapack<T>::lu_solve(int n, int columns, const T* lu, const int* pivots, T* b) {
  const int lead = leading(n);
  int info = 0;
  kGetrs<T>("N", &n, &columns, lu, &lead, pivots, b, &lead, &info);
}

template <typename T>
void Lapack<T>::qr(int m, int n, T* a, T* tau) {
  const int lead = leading(m);
  int info = 0;
  int size = -1;
  T answer{};
  kGeqrf<T>(&m, &n, a, &lead, tau, &answer, &size, &info);
  size = work_size(answer);
  std::vector<T> work(static_cast<size_t>(size));
  kGeqrf<T>(&m, &n, a, &lead, tau, work.data(), &size, &info);
}

template <typename T>
void Lapack<T>::q(int m, int columns, int reflectors, T* q, const T* tau) {
  const int lead = leading(m);
  int info = 0;
  int size = -1;
  T answer{};
  kOrgqr<T>(&m, &columns, &reflectors, q, &lead, tau, &answer, &size, &info);
  size = work_size(answer);
  std::vector<T> work(static_cast<size_t>(size));
  kOrgqr<T>(&m, &columns, &reflectors, q, &lead, tau, work.data(), &size, &info);
}

template <typename T>
int Lapack<T>::eigh(bool has_vectors, int n, T* a, Real<T>* values) {
  const char* job = has_vectors ? "V" : "N";
  const int lead = leading(n);
  int info = 0;
  int size = -1;
  int real_size = -1;
  int integer_size = -1;
  T answer{};
  Real<T> real_answer{};
  int integer_answer = 0;
  const auto call = [&](T* work, Real<T>* reals, int* integers) {
    if constexpr (kIsReal<T>)
      kSyevd<T>(job, "L", &n, a, &lead, values, work, &size, integers, &integer_size, &info);
    else
      kHeevd<T>(job, "L", &n, a, &lead, values, work, &size, reals, &real_size, integers,
                &integer_size, &info);
  };
  call(&answer, &real_answer, &integer_answer);
  size = work_size(answer);
  real_size = work_size(real_answer);
  integer_size = std::max(integer_answer, 1);
  std::vector<T> work(static_cast<size_t>(size));
  std::vector<Real<T>> reals(static_cast<size_t>(real_size));
  std::vector<int> integers(static_cast<size_t>(integer_size));
  call(work.data(), reals.data(), integers.data());
  return info;
}

namespace {

/// Columns of LAPACK, of which one with a positive imaginary part and the next are the parts of one
/// vector, the next value's being its conjugate.
template <typename T>
void join_parts(int n, const T* imaginary, const T* parts, std::complex<T>* vectors) {
  for (int column = 0; column < n; ++column) {
    const int64_t at = int64_t{column} * n;
    const bool is_pair = imaginary[column] != 0 && column + 1 < n;
    for (int64_t i = at; i < at + n; ++i) {
      vectors[i] = is_pair ? std::complex<T>(parts[i], parts[i + n]) : std::complex<T>(parts[i]);
      if (is_pair) vectors[i + n] = std::conj(vectors[i]);
    }
    if (is_pair) ++column;
  }
}

}  // namespace

template <typename T>
int Lapack<T>::eig(int n, T* a, Complex<T>* values, Complex<T>* vectors) {
  const char* job = vectors != nullptr ? "V" : "N";
  const int lead = leading(n);
  const auto count = static_cast<size_t>(n);
  int info = 0;
  int size = -1;
  T answer{};
  std::vector<Real<T>> reals(2 * count);
  if constexpr (kIsReal<T>) {
    std::vector<T> parts(vectors != nullptr ? count * count : 1);
    const auto call = [&](T* work) {
      kRealEig<T>("N", job, &n, a, &lead, reals.data(), reals.data() + n, nullptr, &lead,
                  parts.data(), &lead, work, &size, &info);
    };
    call(&answer);
    size = work_size(answer);
    std::vector<T> work(static_cast<size_t>(size));
    call(work.data());
    for (int i = 0; i < n; ++i)
      values[i] = {reals[static_cast<size_t>(i)], reals[count + static_cast<size_t>(i)]};
    if (vectors != nullptr) join_parts(n, reals.data() + n, parts.data(), vectors);
  } else {
    const auto call = [&](T* work) {
      kComplexEig<T>("N", job, &n, a, &lead, values, nullptr, &lead, vectors, &lead, work, &size,
                     reals.data(), &info);
    };
    call(&answer);
    size = work_size(answer);
    std::vector<T> work(static_cast<size_t>(size));
    call(work.data());
  }
  return info;
}

template <typename T>
int Lapack<T>::svd(char job, int m, int n, T* a, Real<T>* values, T* u, T* vh) {
  const int k = std::min(m, n);
  const int large = std::max(m, n);
  const int lead = leading(m);
  const int vh_lead = leading(job == 'A' ? n : k);
  int info = 0;
  int size = -1;
  T answer{};
  std::vector<int> integers(static_cast<size_t>(8 * k));
  // LAPACK's documentation says how many.
  const int64_t real_size =
      kIsReal<T> ? 0 : int64_t{k} * std::max(5 * int64_t{k} + 7, 2 * int64_t{large} + 2 * k + 1);
  std::vector<Real<T>> reals(static_cast<size_t>(std::max<int64_t>(real_size, 1)));
  const auto call = [&](T* work) {
    if constexpr (kIsReal<T>)
      kRealSvd<T>(&job, &m, &n, a, &lead, values, u, &lead, vh, &vh_lead, work, &size,
                  integers.data(), &info);
    else
      kComplexSvd<T>(&job, &m, &n, a, &lead, values, u, &lead, vh, &vh_lead, work, &size,
                     reals.data(), integers.data(), &info);
  };
  call(&answer);
  size = work_size(answer);
  std::vector<T> work(static_cast<size_t>(size));
  call(work.data());
  return info;
}

template struct Lapack<float>;
template struct Lapack<double>;
template struct Lapack<std::complex<float>>;
template struct Lapack<std::complex<double>>;

}  // namespace cne::tensor
