#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "tensor/device_norm.h"

using namespace cne;
using namespace cne::tensor;

namespace {

struct Errors {
  double out = 0, by_x = 0, by_weight = 0, by_bias = 0;
};

template <typename T>
Errors errors_of(Element element, int64_t rows, int64_t columns, bool centered) {
  std::mt19937 random(23);
  std::normal_distribution<float> normal;
  const auto r = static_cast<size_t>(rows), c = static_cast<size_t>(columns);
  std::vector<T> x(r * c), g(r * c), out(r * c), by_x(r * c), w(c), b(c), by_w(c), by_b(c);
  for (auto* all : {&x, &g, &w, &b})
    for (T& each : *all) each = from_float<T>(normal(random) + 0.5F);
  std::vector<float> means(r), scales(r);
  const NormInputs of{x.data(), w.data(), rows, columns, centered};
  const DeviceQueue queue({}, "test");
  constexpr double kEps = 1e-5;
  device_norm(queue, element, of, b.data(), static_cast<float>(kEps), out.data(), means.data(),
              scales.data());
  device_norm_gradient(queue, element, of, g.data(), means.data(), scales.data(), by_x.data(),
                       by_w.data(), by_b.data());
  Errors worst;
  std::vector<double> exact_w(c), exact_b(c);
  const auto n = static_cast<double>(columns);
  for (size_t i = 0; i < r; ++i) {
    const auto at = [&](const std::vector<T>& of_all, size_t j) {
      return double{to_float(of_all[i * c + j])};
    };
    double mean = 0, square = 0, even = 0, along = 0;
    for (size_t j = 0; centered && j < c; ++j) mean += at(x, j) / n;
    for (size_t j = 0; j < c; ++j) square += (at(x, j) - mean) * (at(x, j) - mean) / n;
    const double scale = 1 / std::sqrt(square + kEps);
    for (size_t j = 0; j < c; ++j) {
      const double y = (at(x, j) - mean) * scale;
      const double h = at(g, j) * to_float(w[j]);
      even += centered ? h / n : 0;
      along += h * y / n;
      exact_w[j] += at(g, j) * y;
      exact_b[j] += at(g, j);
      worst.out = std::max(worst.out, std::abs(at(out, j) - (y * to_float(w[j]) + to_float(b[j]))));
    }
    for (size_t j = 0; j < c; ++j) {
      const double y = (at(x, j) - mean) * scale;
      const double want = scale * (at(g, j) * to_float(w[j]) - even - y * along);
      // Of a row of one element derivatives may be as large as 1 / sqrt(eps).
      worst.by_x = std::max(worst.by_x, std::abs(at(by_x, j) - want) / std::max(scale, 1.0));
    }
  }
  for (size_t j = 0; j < c; ++j) {
    const double most = std::max<double>(std::sqrt(static_cast<double>(rows)), 1);
    worst.by_weight = std::max(worst.by_weight, std::abs(to_float(by_w[j]) - exact_w[j]) / most);
    worst.by_bias = std::max(worst.by_bias, std::abs(to_float(by_b[j]) - exact_b[j]) / most);
  }
  return worst;
}

}  // namespace

TEST_CASE("a device's norms and their derivatives are the formulas in float64") {
  for (const int64_t rows : {0, 1, 9, 300})
    for (const int64_t columns : {1, 2, 33, 64, 1000, 1100, 2048})
      for (const bool centered : {false, true}) {
        CAPTURE(rows);
        CAPTURE(columns);
        CAPTURE(centered);
        const Errors wide = errors_of<float>(Element::kFloat32, rows, columns, centered);
        CHECK(wide.out < 1e-5);
        CHECK(wide.by_x < 2e-5);
        CHECK(wide.by_weight < 2e-5);
        CHECK(wide.by_bias < 2e-5);
        const Errors half = errors_of<Half>(Element::kFloat16, rows, columns, centered);
        CHECK(half.out < 1.6e-2);
        CHECK(half.by_x < 1.6e-2);
        CHECK(half.by_weight < 3e-2);
        CHECK(half.by_bias < 3e-2);
        const Errors narrow = errors_of<BFloat16>(Element::kBFloat16, rows, columns, centered);
        CHECK(narrow.out < 1e-1);
        CHECK(narrow.by_x < 1e-1);
      }
  CHECK_THROWS_WITH_AS(device_norm(DeviceQueue({}, "test"), Element::kInt8, {}, nullptr, 0, nullptr,
                                   nullptr, nullptr),
                       "norm: expected float32, float16 or bfloat16, got int8", TypeError);
}
