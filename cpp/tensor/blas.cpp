#include "tensor/blas.h"

#include <dlfcn.h>

#include <atomic>
#include <complex>
#include <string>
#include <type_traits>

#include "core/error.h"

namespace cne::tensor {

namespace {

constexpr const char* kFile = "libscipy_openblas.so";
constexpr const char* kPrefix = "scipy_";

// As <cblas.h> numbers them.
constexpr int kRowMajor = 101;
constexpr int kColumnMajor = 102;
constexpr int kPlain = 111;
constexpr int kTransposed = 112;

/// In the folder `openblas` beside the module (or the program) that this is part of.
std::string path_of_library() {
  Dl_info info;
  if (dladdr(reinterpret_cast<const void*>(&path_of_library), &info) == 0) return kFile;
  const std::string own = info.dli_fname;
  const size_t slash = own.rfind('/');
  return message(slash == std::string::npos ? "." : own.substr(0, slash), "/openblas/", kFile);
}

/// Two threads may open it at once: that gives the same library twice, and no lock that a forked
/// child could find taken.
void* library() {
  static std::atomic<void*> opened{nullptr};
  if (void* found = opened.load(std::memory_order_acquire)) return found;
  const std::string path = path_of_library();
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    throw IoError(message("blas: expected OpenBLAS at ", path,
                          ", where cnengine installs it, got: ", dlerror()));
  const std::string set_threads = message(kPrefix, "openblas_set_num_threads");
  if (void* function = dlsym(handle, set_threads.c_str()))
    reinterpret_cast<void (*)(int)>(function)(1);
  opened.store(handle, std::memory_order_release);
  return handle;
}

/// Numbers go by value, complex ones by address.
template <typename T>
using Scalar = std::conditional_t<std::is_arithmetic_v<T>, T, const T*>;
template <typename T>
Scalar<T> scalar(const T& value) {
  if constexpr (std::is_arithmetic_v<T>)
    return value;
  else
    return &value;
}

template <typename T>
using Gemm = void(int, int, int, int, int, int, Scalar<T>, const T*, int, const T*, int, Scalar<T>,
                  T*, int);
template <typename T>
using Gemv = void(int, int, int, int, Scalar<T>, const T*, int, const T*, int, Scalar<T>, T*, int);

template <typename T>
constinit const BlasFunction<Gemm<T>> kGemm(blas_name<T>("cblas_sgemm", "cblas_dgemm",
                                                         "cblas_cgemm", "cblas_zgemm"));
template <typename T>
constinit const BlasFunction<Gemv<T>> kGemv(blas_name<T>("cblas_sgemv", "cblas_dgemv",
                                                         "cblas_cgemv", "cblas_zgemv"));

int transposition(BlasLayout layout) { return layout.is_transposed ? kTransposed : kPlain; }

}  // namespace

void* blas_symbol(const char* name) {
  const std::string full = message(kPrefix, name);
  void* found = dlsym(library(), full.c_str());
  if (found == nullptr)
    throw IoError(
        message("blas: expected a function ", full, " in ", path_of_library(), ", got ", "none"));
  return found;
}

template <typename T>
void blas_gemm(int m, int n, int k, T alpha, const T* a, BlasLayout a_layout, const T* b,
               BlasLayout b_layout, T beta, T* c, int c_leading) {
  kGemm<T>(kRowMajor, transposition(a_layout), transposition(b_layout), m, n, k, scalar(alpha), a,
           a_layout.leading, b, b_layout.leading, scalar(beta), c, c_leading);
}

template <typename T>
void blas_gemv(int m, int n, T alpha, const T* a, BlasLayout layout, const T* x, int x_stride,
               T beta, T* y, int y_stride) {
  kGemv<T>(layout.is_transposed ? kColumnMajor : kRowMajor, kPlain, m, n, scalar(alpha), a,
           layout.leading, x, x_stride, scalar(beta), y, y_stride);
}

template void blas_gemm(int, int, int, float, const float*, BlasLayout, const float*, BlasLayout,
                        float, float*, int);
template void blas_gemm(int, int, int, double, const double*, BlasLayout, const double*, BlasLayout,
                        double, double*, int);
template void blas_gemm(int, int, int, std::complex<float>, const std::complex<float>*, BlasLayout,
                        const std::complex<float>*, BlasLayout, std::complex<float>,
                        std::complex<float>*, int);
template void blas_gemm(int, int, int, std::complex<double>, const std::complex<double>*,
                        BlasLayout, const std::complex<double>*, BlasLayout, std::complex<double>,
                        std::complex<double>*, int);
template void blas_gemv(int, int, float, const float*, BlasLayout, const float*, int, float, float*,
                        int);
template void blas_gemv(int, int, double, const double*, BlasLayout, const double*, int, double,
                        double*, int);
template void blas_gemv(int, int, std::complex<float>, const std::complex<float>*, BlasLayout,
                        const std::complex<float>*, int, std::complex<float>, std::complex<float>*,
                        int);
template void blas_gemv(int, int, std::complex<double>, const std::complex<double>*, BlasLayout,
                        const std::complex<double>*, int, std::complex<double>,
                        std::complex<double>*, int);

}  // namespace cne::tensor
