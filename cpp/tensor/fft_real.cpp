#include "tensor/fft_real.h"

#include <algorithm>
#include <vector>

#include "core/simd.h"
#include "tensor/fft_cache.h"
#include "tensor/fft_plan.h"
#include "tensor/pieces.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 14;

/// exp(-2 pi i k / n) for k up to n / 2: all real parts, then all imaginary ones. Made once.
template <typename T>
std::shared_ptr<const std::vector<T>> half_turns_of(int64_t n) {
  static FftCache<std::vector<T>> made;
  return made.get(n, [n] {
    const int64_t count = n / 2 + 1;
    auto out = std::make_shared<std::vector<T>>(static_cast<size_t>(2 * count));
    for (int64_t k = 0; k < count; ++k) {
      const Turn<double> w = turn(k, n);
      (*out)[static_cast<size_t>(k)] = static_cast<T>(w.re);
      (*out)[static_cast<size_t>(count + k)] = static_cast<T>(w.im);
    }
    return out;
  });
}

/// y[begin .. end) of one row with m pairs; z[m] is z[0].
template <typename T>
[[gnu::always_inline]] inline void unpack(int64_t m, const T* w_re, const T* w_im, const T* z, T* y,
                                          int64_t begin, int64_t end) {
  for (int64_t k = begin; k < end; ++k) {
    const int64_t a = 2 * (k == m ? 0 : k);
    const int64_t b = 2 * (k == 0 ? 0 : m - k);
    const T even_re = (z[a] + z[b]) / 2;
    const T even_im = (z[a + 1] - z[b + 1]) / 2;
    const T odd_re = (z[a + 1] + z[b + 1]) / 2;
    const T odd_im = (z[b] - z[a]) / 2;
    y[2 * k] = even_re + (odd_re * w_re[k] - odd_im * w_im[k]);
    y[2 * k + 1] = even_im + (odd_re * w_im[k] + odd_im * w_re[k]);
  }
}

template <typename T>
[[gnu::always_inline]] inline void pack(int64_t m, const T* w_re, const T* w_im, const T* y, T* z,
                                        int64_t begin, int64_t end) {
  for (int64_t k = begin; k < end; ++k) {
    const T* const a = y + 2 * k;
    const T* const b = y + 2 * (m - k);
    // The imaginary parts of the first and the last do not count.
    const T a_im = k == 0 ? T{0} : a[1];
    const T b_im = k == 0 ? T{0} : b[1];
    const T even_re = a[0] + b[0];
    const T even_im = a_im - b_im;
    const T less_re = a[0] - b[0];
    const T less_im = a_im + b_im;
    // Back by the turn, then times i.
    const T odd_re = less_re * w_re[k] + less_im * w_im[k];
    const T odd_im = less_im * w_re[k] - less_re * w_im[k];
    z[2 * k] = even_re - odd_im;
    z[2 * k + 1] = even_im + odd_re;
  }
}

CNE_MULTIVERSION void unpack_row(int64_t m, const float* w_re, const float* w_im, const float* z,
                                 float* y, int64_t begin, int64_t end) {
  unpack(m, w_re, w_im, z, y, begin, end);
}
CNE_MULTIVERSION void unpack_row(int64_t m, const double* w_re, const double* w_im, const double* z,
                                 double* y, int64_t begin, int64_t end) {
  unpack(m, w_re, w_im, z, y, begin, end);
}
CNE_MULTIVERSION void pack_row(int64_t m, const float* w_re, const float* w_im, const float* y,
                               float* z, int64_t begin, int64_t end) {
  pack(m, w_re, w_im, y, z, begin, end);
}
CNE_MULTIVERSION void pack_row(int64_t m, const double* w_re, const double* w_im, const double* y,
                               double* z, int64_t begin, int64_t end) {
  pack(m, w_re, w_im, y, z, begin, end);
}

/// Pieces of all rows of `width`: `body(row, begin, end)`.
template <typename Body>
void by_rows(int64_t rows, int64_t width, const Body& body) {
  in_pieces(rows * width, kGrain, [&](int64_t first, int64_t last) {
    for (int64_t at = first; at < last;) {
      const int64_t row = at / width;
      const int64_t begin = at % width;
      const int64_t end = std::min(width, begin + (last - at));
      body(row, begin, end);
      at += end - begin;
    }
  });
}

template <typename T>
void unpack_rows(int64_t n, int64_t rows, const std::complex<T>* z, std::complex<T>* y) {
  const int64_t m = n / 2;
  const auto turns = half_turns_of<T>(n);
  const T* const w = turns->data();
  by_rows(rows, m + 1, [&](int64_t row, int64_t begin, int64_t end) {
    unpack_row(m, w, w + m + 1, reinterpret_cast<const T*>(z + row * m),
               reinterpret_cast<T*>(y + row * (m + 1)), begin, end);
  });
}
template <typename T>
void pack_rows(int64_t n, int64_t rows, const std::complex<T>* y, std::complex<T>* z) {
  const int64_t m = n / 2;
  const auto turns = half_turns_of<T>(n);
  const T* const w = turns->data();
  by_rows(rows, m, [&](int64_t row, int64_t begin, int64_t end) {
    pack_row(m, w, w + m + 1, reinterpret_cast<const T*>(y + row * (m + 1)),
             reinterpret_cast<T*>(z + row * m), begin, end);
  });
}
template <typename T>
void complete_rows(int64_t n, int64_t rows, const std::complex<T>* y, std::complex<T>* z) {
  const int64_t half = n / 2 + 1;
  by_rows(rows, n, [&](int64_t row, int64_t begin, int64_t end) {
    const std::complex<T>* const from = y + row * half;
    for (int64_t k = begin; k < end; ++k) {
      const std::complex<T> each = k < half ? from[k] : std::conj(from[n - k]);
      z[row * n + k] = k == 0 ? std::complex<T>(each.real()) : each;
    }
  });
}

}  // namespace

void unpack_half(int64_t n, int64_t rows, const std::complex<float>* z, std::complex<float>* y) {
  unpack_rows(n, rows, z, y);
}
void unpack_half(int64_t n, int64_t rows, const std::complex<double>* z, std::complex<double>* y) {
  unpack_rows(n, rows, z, y);
}
void pack_half(int64_t n, int64_t rows, const std::complex<float>* y, std::complex<float>* z) {
  pack_rows(n, rows, y, z);
}
void pack_half(int64_t n, int64_t rows, const std::complex<double>* y, std::complex<double>* z) {
  pack_rows(n, rows, y, z);
}
void complete_half(int64_t n, int64_t rows, const std::complex<float>* y, std::complex<float>* z) {
  complete_rows(n, rows, y, z);
}
void complete_half(int64_t n, int64_t rows, const std::complex<double>* y,
                   std::complex<double>* z) {
  complete_rows(n, rows, y, z);
}

}  // namespace cne::tensor
