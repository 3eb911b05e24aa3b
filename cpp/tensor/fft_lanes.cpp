#include "tensor/fft_lanes.h"

#include <utility>

#include "core/simd.h"

namespace cne::tensor {

namespace {

/// Stores numbers times a twiddle factor, which is 1 in the last stage.
template <bool kIsLast, typename T>
[[gnu::always_inline]] inline void put(const FftBlock<T>& to, int64_t at, const FftLanes<T>& re,
                                       const FftLanes<T>& im, Turn<T> w) {
  if constexpr (kIsLast) {
    to.re[at] = re;
    to.im[at] = im;
  } else {
    to.re[at] = re * w.re - im * w.im;
    to.im[at] = re * w.im + im * w.re;
  }
}

template <bool kIsLast, typename T>
[[gnu::always_inline]] inline void radix2(const typename FftPlan<T>::Stage& stage, FftBlock<T> x,
                                          FftBlock<T> y) {
  const int64_t s = stage.stride;
  const int64_t m = stage.groups;
  for (int64_t p = 0; p < m; ++p) {
    const Turn<T> w = stage.twiddles[static_cast<size_t>(p)];
    for (int64_t q = 0; q < s; ++q) {
      const int64_t a = q + s * p;
      const int64_t b = a + s * m;
      const int64_t to = q + s * 2 * p;
      const FftLanes<T> re = x.re[a] - x.re[b];
      const FftLanes<T> im = x.im[a] - x.im[b];
      y.re[to] = x.re[a] + x.re[b];
      y.im[to] = x.im[a] + x.im[b];
      put<kIsLast, T>(y, to + s, re, im, w);
    }
  }
}

template <bool kIsLast, typename T>
[[gnu::always_inline]] inline void radix4(const typename FftPlan<T>::Stage& stage, FftBlock<T> x,
                                          FftBlock<T> y) {
  const int64_t s = stage.stride;
  const int64_t m = stage.groups;
  for (int64_t p = 0; p < m; ++p) {
    const Turn<T>* const w = stage.twiddles.data() + 3 * p;
    for (int64_t q = 0; q < s; ++q) {
      const int64_t a = q + s * p;
      const int64_t b = a + s * m;
      const int64_t c = b + s * m;
      const int64_t d = c + s * m;
      const int64_t to = q + s * 4 * p;
      const auto ac_re = x.re[a] + x.re[c];
      const auto ac_im = x.im[a] + x.im[c];
      const auto a_c_re = x.re[a] - x.re[c];
      const auto a_c_im = x.im[a] - x.im[c];
      const auto bd_re = x.re[b] + x.re[d];
      const auto bd_im = x.im[b] + x.im[d];
      const auto b_d_re = x.re[b] - x.re[d];
      const auto b_d_im = x.im[b] - x.im[d];
      y.re[to] = ac_re + bd_re;
      y.im[to] = ac_im + bd_im;
      put<kIsLast, T>(y, to + s, a_c_re + b_d_im, a_c_im - b_d_re, w[0]);
      put<kIsLast, T>(y, to + 2 * s, ac_re - bd_re, ac_im - bd_im, w[1]);
      put<kIsLast, T>(y, to + 3 * s, a_c_re - b_d_im, a_c_im + b_d_re, w[2]);
    }
  }
}

/// Odd radices by sums and differences of the elements k and R - k.
template <bool kIsLast, int R, typename T>
[[gnu::always_inline]] inline void odd_radix(const typename FftPlan<T>::Stage& stage, FftBlock<T> x,
                                             FftBlock<T> y) {
  using V = FftLanes<T>;
  constexpr int kHalf = R / 2;
  const int64_t s = stage.stride;
  const int64_t m = stage.groups;
  const Turn<T>* const root = stage.roots.data();
  for (int64_t p = 0; p < m; ++p) {
    const Turn<T>* const w = stage.twiddles.data() + (R - 1) * p;
    for (int64_t q = 0; q < s; ++q) {
      const int64_t from = q + s * p;
      const int64_t to = q + s * R * p;
      V sum_re[kHalf + 1];
      V sum_im[kHalf + 1];
      V less_re[kHalf + 1];
      V less_im[kHalf + 1];
      const V first_re = x.re[from];
      const V first_im = x.im[from];
      V all_re = first_re;
      V all_im = first_im;
      for (int j = 1; j <= kHalf; ++j) {
        const int64_t a = from + s * m * j;
        const int64_t b = from + s * m * (R - j);
        sum_re[j] = x.re[a] + x.re[b];
        sum_im[j] = x.im[a] + x.im[b];
        less_re[j] = x.re[a] - x.re[b];
        less_im[j] = x.im[a] - x.im[b];
        all_re += sum_re[j];
        all_im += sum_im[j];
      }
      y.re[to] = all_re;
      y.im[to] = all_im;
      for (int k = 1; k <= kHalf; ++k) {
        V even_re = first_re;
        V even_im = first_im;
        V odd_re = V{};
        V odd_im = V{};
        for (int j = 1; j <= kHalf; ++j) {
          const Turn<T> turn = root[j * k % R];
          even_re += sum_re[j] * turn.re;
          even_im += sum_im[j] * turn.re;
          odd_re += less_re[j] * turn.im;
          odd_im += less_im[j] * turn.im;
        }
        put<kIsLast, T>(y, to + s * k, even_re - odd_im, even_im + odd_re, w[k - 1]);
        put<kIsLast, T>(y, to + s * (R - k), even_re + odd_im, even_im - odd_re, w[R - k - 1]);
      }
    }
  }
}

template <bool kIsLast, typename T>
[[gnu::always_inline]] inline void run_stage(const typename FftPlan<T>::Stage& stage, FftBlock<T> x,
                                             FftBlock<T> y) {
  switch (stage.radix) {
    case 2:
      return radix2<kIsLast, T>(stage, x, y);
    case 3:
      return odd_radix<kIsLast, 3, T>(stage, x, y);
    case 4:
      return radix4<kIsLast, T>(stage, x, y);
    case 5:
      return odd_radix<kIsLast, 5, T>(stage, x, y);
    case 7:
      return odd_radix<kIsLast, 7, T>(stage, x, y);
    case 11:
      return odd_radix<kIsLast, 11, T>(stage, x, y);
    default:
      return odd_radix<kIsLast, 13, T>(stage, x, y);
  }
}

template <typename T>
[[gnu::always_inline]] inline FftBlock<T> run_stages(const FftPlan<T>& plan, FftBlock<T> x,
                                                     FftBlock<T> y) {
  for (const auto& stage : plan.stages) {
    stage.groups == 1 ? run_stage<true, T>(stage, x, y) : run_stage<false, T>(stage, x, y);
    std::swap(x, y);
  }
  return x;
}

CNE_MULTIVERSION void stages(const FftPlan<float>& plan, FftBlock<float>& x, FftBlock<float> y) {
  x = run_stages(plan, x, y);
}
CNE_MULTIVERSION void stages(const FftPlan<double>& plan, FftBlock<double>& x, FftBlock<double> y) {
  x = run_stages(plan, x, y);
}

}  // namespace

FftBlock<float> transform_lanes(const FftPlan<float>& plan, FftBlock<float> x, FftBlock<float> y) {
  stages(plan, x, y);
  return x;
}
FftBlock<double> transform_lanes(const FftPlan<double>& plan, FftBlock<double> x,
                                 FftBlock<double> y) {
  stages(plan, x, y);
  return x;
}

}  // namespace cne::tensor
