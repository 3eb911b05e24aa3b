#pragma once

#include <atomic>
#include <complex>
#include <type_traits>

namespace cne::tensor {

// OpenBLAS, which lies beside our module as a library of its own. It is opened at the first call
// and computes on the calling thread alone: whoever calls it cuts the work into pieces for
// parallel_for. So pieces do not depend on the number of threads, and a forked child has no threads
// to miss. Sources: https://www.openblas.net, https://netlib.org/blas.

/// The address of a function of OpenBLAS, named as in its headers but for the prefix:
/// "cblas_sgemm", "spotrf_". Throws IoError naming the file when the library is not there or lacks
/// the function.
void* blas_symbol(const char* name);

/// A function of OpenBLAS that is looked up at its first call, from any number of threads at once.
template <typename Signature>
class BlasFunction {
 public:
  constexpr explicit BlasFunction(const char* name) : name_(name) {}

  template <typename... Args>
  auto operator()(Args... args) const {
    Signature* function = function_.load(std::memory_order_relaxed);
    if (function == nullptr) {
      function = reinterpret_cast<Signature*>(blas_symbol(name_));
      function_.store(function, std::memory_order_relaxed);
    }
    return function(args...);
  }

 private:
  const char* name_;
  mutable std::atomic<Signature*> function_{nullptr};
};

/// That of the four names which is for the type: float, double, std::complex<float> or
/// std::complex<double>.
template <typename T>
constexpr const char* blas_name(const char* s, const char* d, const char* c, const char* z) {
  if constexpr (std::is_same_v<T, float>)
    return s;
  else if constexpr (std::is_same_v<T, double>)
    return d;
  else
    return std::is_same_v<T, std::complex<float>> ? c : z;
}

/// How a matrix lies in memory for BLAS: row by row, or, when it is transposed, column by column;
/// rows (columns) are `leading` elements apart.
struct BlasLayout {
  bool is_transposed = false;
  int leading = 1;
};

/// c = alpha a b + beta c with a (m, k), b (k, n) and c (m, n), which lies row by row. float,
/// double, std::complex<float> or std::complex<double>. With beta 0 what is in c does not matter.
template <typename T>
void blas_gemm(int m, int n, int k, T alpha, const T* a, BlasLayout a_layout, const T* b,
               BlasLayout b_layout, T beta, T* c, int c_leading);

/// y = alpha a x + beta y with a (m, n); the elements of x and y are that many apart, at least 1.
template <typename T>
void blas_gemv(int m, int n, T alpha, const T* a, BlasLayout layout, const T* x, int x_stride,
               T beta, T* y, int y_stride);

}  // namespace cne::tensor
