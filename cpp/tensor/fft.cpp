#include "tensor/fft.h"

#include <algorithm>
#include <complex>

#include "core/error.h"
#include "core/simd.h"
#include "tensor/elementwise.h"
#include "tensor/fft_cache.h"
#include "tensor/fft_plan.h"
#include "tensor/fft_real.h"
#include "tensor/fft_rows.h"
#include "tensor/pieces.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

constexpr int64_t kGrain = 1 << 14;
/// Elements of the padded rows that a convolution takes at a time.
constexpr int64_t kConvolved = int64_t{1} << 22;

template <typename T>
constexpr Element kComplexOf = sizeof(T) == 4 ? Element::kComplex64 : Element::kComplex128;

/// As a matrix of lines; the axis is in the middle.
FftLines lines_of(const Dims& shape, int axis) {
  FftLines out = {1, shape[axis], 1};
  for (int i = 0; i < axis; ++i) out.outer *= shape[i];
  for (int i = axis + 1; i < shape.size(); ++i) out.inner *= shape[i];
  return out;
}

template <typename T>
using Z = std::complex<T>;

template <typename T>
Z<T> chirp(int64_t j, int64_t n) {
  const Turn<double> w = turn(j * j % (2 * n), 2 * n);
  return {static_cast<T>(w.re), static_cast<T>(w.im)};
}

/// What Bluestein's convolution of a length needs: exp(-pi i j^2 / n), and the transform of its
/// conjugates, which are laid around 0. Made once.
template <typename T>
struct Convolution {
  int64_t padded;
  std::vector<Z<T>> chirps;
  std::vector<Z<T>> filter;
};
template <typename T>
std::shared_ptr<const Convolution<T>> convolution_of(int64_t n) {
  static FftCache<Convolution<T>> made;
  return made.get(n, [n] {
    auto out = std::make_shared<Convolution<T>>();
    out->padded = next_smooth(2 * n - 1);
    const auto m = static_cast<size_t>(out->padded);
    std::vector<Z<T>> around(m);
    for (int64_t j = 0; j < n; ++j) {
      const Z<T> w = chirp<T>(j, n);
      out->chirps.push_back(w);
      around[static_cast<size_t>(j)] = std::conj(w);
      if (j > 0) around[m - static_cast<size_t>(j)] = std::conj(w);
    }
    out->filter.resize(m);
    transform_lines({1, out->padded, 1}, false, T{1}, around.data(), out->filter.data());
    return out;
  });
}

/// out[i] = scale a[i] b[i] of n numbers, with the sign of the imaginary parts of a, and of the
/// result, as they say.
template <typename T>
[[gnu::always_inline]] inline void multiply_all(const T* a, T a_sign, const T* b, T out_sign,
                                                T* out, int64_t n) {
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    const T a_re = a[2 * i];
    const T a_im = a_sign * a[2 * i + 1];
    const T b_re = b[2 * i];
    const T b_im = b[2 * i + 1];
    out[2 * i] = a_re * b_re - a_im * b_im;
    out[2 * i + 1] = out_sign * (a_re * b_im + a_im * b_re);
  }
}
CNE_MULTIVERSION void multiply(const float* a, float a_sign, const float* b, float out_sign,
                               float* out, int64_t n) {
  multiply_all(a, a_sign, b, out_sign, out, n);
}
CNE_MULTIVERSION void multiply(const double* a, double a_sign, const double* b, double out_sign,
                               double* out, int64_t n) {
  multiply_all(a, a_sign, b, out_sign, out, n);
}

template <typename T>
const T* parts(const Z<T>* z) {
  return reinterpret_cast<const T*>(z);
}
template <typename T>
T* parts(Z<T>* z) {
  return reinterpret_cast<T*>(z);
}

/// Rows of any length: j k = (j^2 + k^2 - (k - j)^2) / 2 makes the transform a convolution with a
/// chirp (Bluestein 1970), and that is a product of transforms of a smooth length. Backward is the
/// conjugate of forward of the conjugates.
template <typename T>
void convolve_rows(int64_t rows, int64_t n, bool is_backward, T scale, const Z<T>* in, Z<T>* out) {
  const auto with = convolution_of<T>(n);
  const int64_t m = with->padded;
  const T sign = is_backward ? T{-1} : T{1};
  const T* const chirps = parts(with->chirps.data());
  const int64_t together = std::min(rows, std::max<int64_t>(1, kConvolved / m));
  const Type type = {kComplexOf<T>, {together, m}, {}};
  Array padded = Array::empty(type);
  Array spectrum = Array::empty(type);
  auto* const a = padded.mutable_as<Z<T>>();
  auto* const b = spectrum.mutable_as<Z<T>>();
  const int64_t grain = std::max<int64_t>(1, kGrain / m);
  for (int64_t first = 0; first < rows; first += together) {
    const int64_t count = std::min(together, rows - first);
    in_pieces(count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        multiply(parts(in + (first + row) * n), sign, chirps, T{1}, parts(a + row * m), n);
        std::fill_n(a + row * m + n, m - n, Z<T>{});
      }
    });
    transform_lines({count, m, 1}, false, T{1}, a, b);
    in_pieces(count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        multiply(parts(b + row * m), T{1}, parts(with->filter.data()), T{1}, parts(b + row * m), m);
    });
    transform_lines({count, m, 1}, true, scale / static_cast<T>(m), b, a);
    in_pieces(count, grain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        multiply(parts(a + row * m), T{1}, chirps, sign, parts(out + (first + row) * n), n);
    });
  }
}

/// An axis at the end, or back from there.
Array with_axis_last(const Array& x, int axis) {
  Dims axes = Dims::range(0, x.rank());
  axes.erase(axis);
  axes.push_back(axis);
  return permute(x, axes);
}
Array with_last_at(const Array& x, int axis) {
  Dims axes = Dims::range(0, x.rank() - 1);
  axes.insert(axis, x.rank() - 1);
  return permute(x, axes);
}

/// Complex to complex.
template <typename T>
Array transform(const Array& x, int axis, bool is_backward, double scale) {
  FftLines lines = lines_of(x.shape(), axis);
  const bool is_smooth_length = is_smooth(lines.length);
  if (!is_smooth_length && lines.inner > 1)
    return with_last_at(transform<T>(with_axis_last(x, axis), x.rank() - 1, is_backward, scale),
                        axis);
  const Array in = contiguous(x);
  Array out = Array::empty(x.type());
  if (is_smooth_length)
    transform_lines(lines, is_backward, static_cast<T>(scale), in.as<Z<T>>(),
                    out.mutable_as<Z<T>>());
  else
    convolve_rows(lines.outer, lines.length, is_backward, static_cast<T>(scale), in.as<Z<T>>(),
                  out.mutable_as<Z<T>>());
  return out;
}

Dims with_extent(Dims shape, int axis, int64_t extent) {
  shape[axis] = extent;
  return shape;
}

/// Real numbers of the last axis to half a spectrum. An even length is one of half of it of complex
/// numbers, which are pairs of neighbours.
template <typename T>
Array to_half(const Array& x, int64_t n, double scale) {
  const int last = x.rank() - 1;
  const int64_t half = n / 2 + 1;
  if (n % 2 == 1) {
    const Array all = transform<T>(cast(x, kComplexOf<T>), last, false, scale);
    return slice_axis(all, last, 0, 1, half);
  }
  const Array in = contiguous(x);
  const Dims packed_shape = with_extent(x.shape(), last, n / 2);
  const Array pairs =
      in.view(kComplexOf<T>, packed_shape, row_major_strides(packed_shape), in.offset());
  const Array packed = transform<T>(pairs, last, false, scale);
  Array out = Array::empty({kComplexOf<T>, with_extent(x.shape(), last, half), {}});
  unpack_half(n, out.size() / half, packed.as<Z<T>>(), out.mutable_as<Z<T>>());
  return out;
}

/// Half a spectrum of the last axis to n real numbers.
template <typename T>
Array from_half(const Array& x, int64_t n, double scale) {
  const int last = x.rank() - 1;
  const Array in = contiguous(x);
  const int64_t rows = x.size() / x.shape().back();
  const int64_t length = n % 2 == 0 ? n / 2 : n;
  const Element real = sizeof(T) == 4 ? Element::kFloat32 : Element::kFloat64;
  const Dims shape = with_extent(x.shape(), last, n);
  Array packed = Array::empty({kComplexOf<T>, with_extent(x.shape(), last, length), {}});
  if (n % 2 == 1) {
    complete_half(n, rows, in.as<Z<T>>(), packed.mutable_as<Z<T>>());
    const Array all = transform<T>(packed, last, true, scale);
    return contiguous(elementwise(ElementOp::kReal, all));
  }
  pack_half(n, rows, in.as<Z<T>>(), packed.mutable_as<Z<T>>());
  const Array pairs = transform<T>(packed, last, true, scale);
  return pairs.view(real, shape, row_major_strides(shape), pairs.offset());
}

template <typename T>
Array run(const FftParams& params, const Array& x) {
  const auto axis = static_cast<int>(params.axis);
  if (params.kind <= FftKind::kBackward)
    return transform<T>(x, axis, params.kind == FftKind::kBackward, params.scale);
  const bool is_last = axis == x.rank() - 1;
  const Array moved = is_last ? x : with_axis_last(x, axis);
  const Array out = params.kind == FftKind::kToHalf
                        ? to_half<T>(moved, params.length, params.scale)
                        : from_half<T>(moved, params.length, params.scale);
  return is_last ? out : with_last_at(out, axis);
}

}  // namespace

Type fft_type(const FftParams& params, const Type& x) {
  const bool is_real = params.kind == FftKind::kToHalf;
  const bool is_single = x.element == (is_real ? Element::kFloat32 : Element::kComplex64);
  if (!is_single && x.element != (is_real ? Element::kFloat64 : Element::kComplex128))
    throw TypeError(message("fft: expected ", is_real ? "float32 or float64" : "complex numbers",
                            ", got ", to_string(x)));
  const auto axis = static_cast<int>(params.axis);
  if (axis < 0 || axis >= x.shape.size())
    throw ArgumentError(message("fft: no axis ", axis, " in ", to_string(x)));
  const int64_t half = params.length / 2 + 1;
  const int64_t extent = params.kind == FftKind::kFromHalf ? half : params.length;
  if (params.length < 1 || x.shape[axis] != extent)
    throw ShapeError(message("fft: expected ", extent, " elements along axis ", axis,
                             " and a length of at least 1, got ", to_string(x)));
  Type out = x;
  if (is_real) {
    out.element = is_single ? Element::kComplex64 : Element::kComplex128;
    out.shape[axis] = half;
  } else if (params.kind == FftKind::kFromHalf) {
    out.element = real_of(x.element);
    out.shape[axis] = params.length;
    check_shape(out.shape, out.element, "fft");
  }
  return out;
}

Array fft(const FftParams& params, const Array& x) {
  const Type type = fft_type(params, x.type());
  if (type.size() == 0) return Array::zeros(type);
  const bool is_single = x.element() == Element::kFloat32 || x.element() == Element::kComplex64;
  return is_single ? run<float>(params, x) : run<double>(params, x);
}

}  // namespace cne::tensor
