#include <algorithm>
#include <cmath>
#include <limits>

#include "core/simd.h"
#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

/// Independent extremes of one loop, several registers of them: the processor does these side by
/// side.
constexpr int64_t kLanes = 64;

template <typename T>
[[gnu::always_inline]] inline T extreme_of(const T* in, int64_t n, bool is_max) {
  T lanes[kLanes];
  T nans[kLanes];
  std::fill_n(lanes, kLanes, in[0]);
  std::fill_n(nans, kLanes, T(0));
  const auto fold = [&](T value, int64_t lane) {
    lanes[lane] = is_max ? (value > lanes[lane] ? value : lanes[lane])
                         : (value < lanes[lane] ? value : lanes[lane]);
    nans[lane] += value != value ? T(1) : T(0);
  };
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane) fold(in[i + lane], lane);
  for (; i < n; ++i) fold(in[i], i % kLanes);
  T out = lanes[0];
  T any = nans[0];
  for (int64_t lane = 1; lane < kLanes; ++lane) {
    out =
        is_max ? (lanes[lane] > out ? lanes[lane] : out) : (lanes[lane] < out ? lanes[lane] : out);
    any += nans[lane];
  }
  if (any != 0) return std::numeric_limits<T>::quiet_NaN();
  if (out == 0)  // of zeros the positive one is larger, wherever it stands
    for (i = 0; i < n; ++i)
      if (in[i] == 0 && std::signbit(in[i]) != is_max) return in[i];
  return out;
}

CNE_MULTIVERSION float extreme_float32(const float* in, int64_t n, bool is_max) {
  return extreme_of(in, n, is_max);
}
CNE_MULTIVERSION double extreme_float64(const double* in, int64_t n, bool is_max) {
  return extreme_of(in, n, is_max);
}

}  // namespace

float fold_extreme(const float* in, int64_t n, bool is_max) {
  return extreme_float32(in, n, is_max);
}
double fold_extreme(const double* in, int64_t n, bool is_max) {
  return extreme_float64(in, n, is_max);
}

}  // namespace cne::tensor
