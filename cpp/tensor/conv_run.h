#pragma once

#include <cstdint>
#include <type_traits>

namespace cne::tensor {

// Runs of elements along a row of an image.

/// to[i * to_stride] += factor * from[i * from_stride].
void add_run(float factor, const float* from, int64_t from_stride, float* to, int64_t to_stride,
             int64_t count);
void add_run(double factor, const double* from, int64_t from_stride, double* to, int64_t to_stride,
             int64_t count);

template <typename T>
void add_run(T factor, const T* from, int64_t from_stride, T* to, int64_t to_stride,
             int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    T& sum = to[i * to_stride];
    if constexpr (std::is_integral_v<T>) {
      // Modulo the range; what is narrower than int is multiplied as unsigned, too.
      using U = std::conditional_t<(sizeof(T) < 4), uint32_t, std::make_unsigned_t<T>>;
      sum = static_cast<T>(static_cast<U>(sum) +
                           static_cast<U>(factor) * static_cast<U>(from[i * from_stride]));
    } else {
      sum += factor * from[i * from_stride];
    }
  }
}

/// Lanes that sums along a run are kept in.
inline constexpr int kRunLanes = 16;

/// lanes[i % kRunLanes] += a[i * a_stride] * b[i].
void dot_run(const float* a, int64_t a_stride, const float* b, int64_t count, float* lanes);
void dot_run(const double* a, int64_t a_stride, const double* b, int64_t count, double* lanes);

template <typename T>
void dot_run(const T* a, int64_t a_stride, const T* b, int64_t count, T* lanes) {
  for (int64_t i = 0; i < count; ++i)
    add_run(a[i * a_stride], b + i, 1, lanes + i % kRunLanes, 1, 1);
}

}  // namespace cne::tensor
