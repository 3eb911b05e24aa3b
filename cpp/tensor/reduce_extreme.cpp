#include <cmath>
#include <cstring>
#include <limits>

#include "core/simd.h"
#include "tensor/float_math.h"
#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

template <typename T>
struct ExtremeVector {
  typedef T Type __attribute__((vector_size(64)));
  typedef IntOf<T> Mask __attribute__((vector_size(64)));
  static constexpr int kLanes = 64 / sizeof(T);
};

/// Takes `a` where it is farther out. By reference: vectors of 64 bytes have no way of their own to
/// be handed over on processors without them.
template <bool kIsMax, typename T>
[[gnu::always_inline]] inline void extend(T& best, const T& a) {
  best = kIsMax ? (a > best ? a : best) : (a < best ? a : best);
}

/// The extreme of `n` elements, some multiple of 4 vectors, and whether one is NaN.
template <bool kIsMax, typename T>
[[gnu::always_inline]] inline T extreme_of_vectors(const T* in, int64_t n, bool& has_nan) {
  using V = typename ExtremeVector<T>::Type;
  constexpr int64_t kLanes = ExtremeVector<T>::kLanes;
  V best[4];
  typename ExtremeVector<T>::Mask nans[4] = {};
  std::memcpy(best, in, sizeof best);
  // Several side by side: the processor does not wait for one to be done.
  for (int64_t i = 0; i < n; i += 4 * kLanes)
    for (int k = 0; k < 4; ++k) {
      V next;
      std::memcpy(&next, in + i + k * kLanes, sizeof next);
      extend<kIsMax>(best[k], next);
      nans[k] |= next != next;
    }
  nans[0] |= nans[1] | nans[2] | nans[3];
  for (int k = 1; k < 4; ++k) extend<kIsMax>(best[0], best[k]);
  T out = best[0][0];
  IntOf<T> any = 0;
  for (int k = 0; k < kLanes; ++k) {
    extend<kIsMax>(out, T(best[0][k]));
    any |= nans[0][k];
  }
  has_nan |= any != 0;
  return out;
}

template <bool kIsMax, typename T>
[[gnu::always_inline]] inline T extreme_of(const T* in, int64_t n) {
  constexpr int64_t kWide = 4 * ExtremeVector<T>::kLanes;
  const int64_t whole = n / kWide * kWide;
  bool has_nan = false;
  T out = in[0];
  if (whole > 0) out = extreme_of_vectors<kIsMax>(in, whole, has_nan);
  if (whole < n) {
    T rest[kWide];
    for (int64_t i = 0; i < kWide; ++i) rest[i] = whole + i < n ? in[whole + i] : in[0];
    extend<kIsMax>(out, extreme_of_vectors<kIsMax>(rest, kWide, has_nan));
  }
  if (has_nan) return std::numeric_limits<T>::quiet_NaN();
  if (out == 0)  // of zeros the positive one is larger, wherever it stands
    for (int64_t i = 0; i < n; ++i)
      if (in[i] == 0 && std::signbit(in[i]) != kIsMax) return in[i];
  return out;
}

CNE_MULTIVERSION float extreme_float32(const float* in, int64_t n, bool is_max) {
  return is_max ? extreme_of<true>(in, n) : extreme_of<false>(in, n);
}
CNE_MULTIVERSION double extreme_float64(const double* in, int64_t n, bool is_max) {
  return is_max ? extreme_of<true>(in, n) : extreme_of<false>(in, n);
}

}  // namespace

float fold_extreme(const float* in, int64_t n, bool is_max) {
  return extreme_float32(in, n, is_max);
}
double fold_extreme(const double* in, int64_t n, bool is_max) {
  return extreme_float64(in, n, is_max);
}

}  // namespace cne::tensor
