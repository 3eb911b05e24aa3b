#include "tensor/fft_plan.h"

#include <algorithm>

#include "tensor/fft_cache.h"
#include "tensor/trig_math.h"

namespace cne::tensor {

namespace {

/// Radices of a length, the large ones first: 4 rather than 2.
std::vector<int> radices_of(int64_t length) {
  std::vector<int> out;
  for (const int radix : {13, 11, 7, 5, 3, 4, 2})
    for (; length % radix == 0; length /= radix) out.push_back(radix);
  return out;
}

template <typename T>
Turn<T> rounded(Turn<double> turn) {
  return {static_cast<T>(turn.re), static_cast<T>(turn.im)};
}

template <typename T>
std::shared_ptr<const FftPlan<T>> make_plan(int64_t length) {
  auto plan = std::make_shared<FftPlan<T>>();
  plan->length = length;
  int64_t left = length;
  int64_t stride = 1;
  for (const int radix : radices_of(length)) {
    typename FftPlan<T>::Stage stage{radix, left / radix, stride, {}, {}};
    for (int64_t p = 0; p < stage.groups; ++p)
      for (int k = 1; k < radix; ++k) stage.twiddles.push_back(rounded<T>(turn(p * k, left)));
    if (radix % 2 == 1)
      for (int k = 0; k < radix; ++k) stage.roots.push_back(rounded<T>(turn(k, radix)));
    plan->stages.push_back(std::move(stage));
    left /= radix;
    stride *= radix;
  }
  return plan;
}

}  // namespace

Turn<double> turn(int64_t k, int64_t n) {
  // By symmetry from the first eighth, where the angle is small and has all its digits.
  k %= n;
  const bool is_lower = 2 * k > n;
  if (is_lower) k = n - k;
  const bool is_left = 4 * k > n;
  if (is_left) k = n - 2 * k;  // twice the place from here on, so that it is whole
  const int64_t twice = is_left ? k : 2 * k;
  const bool is_steep = 4 * twice > n;
  constexpr double kPi = 0x1.921fb54442d18p1;
  const double part =
      is_steep ? static_cast<double>(n - 2 * twice) / 2 : static_cast<double>(twice);
  const double angle = kPi * part / static_cast<double>(n);
  double c = any_cos(angle);
  double s = any_sin(angle);
  if (is_steep) std::swap(c, s);
  return {is_left ? -c : c, is_lower ? s : -s};
}

bool is_smooth(int64_t length) {
  for (const int radix : {2, 3, 5, 7, 11, 13})
    while (length % radix == 0) length /= radix;
  return length == 1;
}

int64_t next_smooth(int64_t length) {
  for (;; ++length) {
    int64_t left = length;
    for (const int radix : {2, 3, 5})
      while (left % radix == 0) left /= radix;
    if (left == 1) return length;
  }
}

template <typename T>
std::shared_ptr<const FftPlan<T>> fft_plan(int64_t length) {
  static FftCache<FftPlan<T>> plans;
  return plans.get(length, [length] { return make_plan<T>(length); });
}

template std::shared_ptr<const FftPlan<float>> fft_plan<float>(int64_t length);
template std::shared_ptr<const FftPlan<double>> fft_plan<double>(int64_t length);

}  // namespace cne::tensor
