#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "tensor/device_rotary.h"

using namespace cne;
using namespace cne::tensor;

namespace {

/// The largest error of turning, and of turning back what was turned.
template <typename T>
double worst_error(Element element, RotaryInputs of) {
  std::mt19937 random(17);
  std::normal_distribution<float> normal;
  const int64_t half = of.d / 2;
  std::vector<float> cosines, sines;
  for (int64_t p = 0; p < of.length; ++p)
    for (int64_t i = 0; i < half; ++i) {
      const double angle =
          static_cast<double>(p) *
          std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(of.d));
      cosines.push_back(static_cast<float>(std::cos(angle)));
      sines.push_back(static_cast<float>(std::sin(angle)));
    }
  of.cosines = cosines.data();
  of.sines = sines.data();
  std::vector<T> x(static_cast<size_t>(of.outer * of.length * of.inner * of.d)), out(x.size());
  for (T& each : x) each = from_float<T>(normal(random));
  const DeviceQueue queue({}, "test");
  device_rotate(queue, element, of, x.data(), out.data());
  double worst = 0;
  for (int64_t row = 0; row < of.outer * of.length * of.inner; ++row)
    for (int64_t i = 0; i < half; ++i) {
      const int64_t angle = row / of.inner % of.length * half + i;
      const int64_t step = of.is_interleaved ? 1 : half;
      const auto first = static_cast<size_t>(row * of.d + (of.is_interleaved ? 2 * i : i));
      const size_t second = first + static_cast<size_t>(step);
      const double a = to_float(x[first]), b = to_float(x[second]);
      const double c = cosines[static_cast<size_t>(angle)], s = sines[static_cast<size_t>(angle)];
      worst = std::max(worst, std::abs(to_float(out[first]) - (a * c - b * s)));
      worst = std::max(worst, std::abs(to_float(out[second]) - (a * s + b * c)));
    }
  of.is_backward = true;
  device_rotate(queue, element, of, out.data(), out.data());
  for (size_t i = 0; i < x.size(); ++i)
    worst = std::max(worst, std::abs(double{to_float(out[i])} - to_float(x[i])));
  return worst;
}

}  // namespace

TEST_CASE("a device turns pairs of features as the formula in float64, and back") {
  for (const RotaryInputs& of : {RotaryInputs{.outer = 0, .length = 3, .inner = 1, .d = 4},
                                 RotaryInputs{.outer = 1, .length = 1, .inner = 1, .d = 2},
                                 RotaryInputs{.outer = 2, .length = 9, .inner = 1, .d = 10},
                                 RotaryInputs{.outer = 2, .length = 33, .inner = 3, .d = 64}})
    for (const bool interleaved : {false, true}) {
      RotaryInputs is = of;
      is.is_interleaved = interleaved;
      CHECK(worst_error<float>(Element::kFloat32, is) < 2e-6);
      CHECK(worst_error<Half>(Element::kFloat16, is) < 8e-3);
      CHECK(worst_error<BFloat16>(Element::kBFloat16, is) < 6e-2);
    }
  CHECK_THROWS_WITH_AS(
      device_rotate(DeviceQueue({}, "test"), Element::kFloat32, {.d = 3}, nullptr, nullptr),
      "rotate: expected an even number of features, got 3", ShapeError);
}
