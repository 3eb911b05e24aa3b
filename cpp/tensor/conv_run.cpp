#include "tensor/conv_run.h"

#include "core/simd.h"

namespace cne::tensor {

namespace {

template <typename T>
[[gnu::always_inline]] inline void add(T factor, const T* from, int64_t from_stride, T* to,
                                       int64_t to_stride, int64_t count) {
  if (from_stride == 1 && to_stride == 1)
    for (int64_t i = 0; i < count; ++i) to[i] += factor * from[i];
  else if (to_stride == 1)
    for (int64_t i = 0; i < count; ++i) to[i] += factor * from[i * from_stride];
  else
    for (int64_t i = 0; i < count; ++i) to[i * to_stride] += factor * from[i * from_stride];
}

template <typename T>
[[gnu::always_inline]] inline void dot(const T* a, int64_t a_stride, const T* b, int64_t count,
                                       T* lanes) {
  const int64_t whole = count / kRunLanes * kRunLanes;
  for (int64_t i = 0; i < whole; i += kRunLanes)
    for (int lane = 0; lane < kRunLanes; ++lane)
      lanes[lane] += a[(i + lane) * a_stride] * b[i + lane];
  for (int64_t i = whole; i < count; ++i) lanes[i - whole] += a[i * a_stride] * b[i];
}

}  // namespace

CNE_MULTIVERSION void add_run(float factor, const float* from, int64_t from_stride, float* to,
                              int64_t to_stride, int64_t count) {
  add(factor, from, from_stride, to, to_stride, count);
}
CNE_MULTIVERSION void add_run(double factor, const double* from, int64_t from_stride, double* to,
                              int64_t to_stride, int64_t count) {
  add(factor, from, from_stride, to, to_stride, count);
}

CNE_MULTIVERSION void dot_run(const float* a, int64_t a_stride, const float* b, int64_t count,
                              float* lanes) {
  dot(a, a_stride, b, count, lanes);
}
CNE_MULTIVERSION void dot_run(const double* a, int64_t a_stride, const double* b, int64_t count,
                              double* lanes) {
  dot(a, a_stride, b, count, lanes);
}

}  // namespace cne::tensor
