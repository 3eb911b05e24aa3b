#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "core/error.h"
#include "tensor/device_adamw.h"

using namespace cne;
using namespace cne::tensor;

TEST_CASE("a GPU's step of AdamW is the formula in float64, for parameters of all sizes at once") {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  constexpr double kRate = 0.01, kFirst = 0.9, kSecond = 0.999, kEps = 1e-8, kDecay = 0.1;
  std::vector<std::vector<float>> p, g, m, v;
  std::vector<std::vector<double>> wide_p, wide_m, wide_v;
  std::vector<AdamWTensor> tensors;
  for (const size_t size : {0, 1, 7, 4096, 4097, 20001}) {
    for (auto* all : {&p, &g}) {
      all->emplace_back(size);
      for (float& each : all->back()) each = normal(random);
    }
    m.emplace_back(size, 0.0F);
    v.emplace_back(size, 0.0F);
    wide_p.emplace_back(p.back().begin(), p.back().end());
    wide_m.emplace_back(size, 0.0);
    wide_v.emplace_back(size, 0.0);
  }
  for (size_t i = 0; i < p.size(); ++i)
    tensors.push_back({p[i].data(), g[i].data(), m[i].data(), v[i].data(),
                       static_cast<int64_t>(p[i].size()), static_cast<float>(1 - kRate * kDecay)});
  const DeviceQueue queue({}, "test");
  const DeviceAdamW all(queue, tensors);
  CHECK(all.pieces() == 0 + 1 + 1 + 1 + 2 + 5);
  for (int step = 1; step <= 3; ++step) {
    const double first = kRate / (1 - std::pow(kFirst, step));
    const double spread = 1 / std::sqrt(1 - std::pow(kSecond, step));
    all.step(queue, {static_cast<float>(1 - kFirst), static_cast<float>(kSecond),
                     static_cast<float>(1 - kSecond), static_cast<float>(first),
                     static_cast<float>(spread), static_cast<float>(kEps)});
    for (size_t i = 0; i < p.size(); ++i)
      for (size_t k = 0; k < p[i].size(); ++k) {
        const double slope = g[i][k];
        wide_m[i][k] = kFirst * wide_m[i][k] + (1 - kFirst) * slope;
        wide_v[i][k] = kSecond * wide_v[i][k] + (1 - kSecond) * slope * slope;
        wide_p[i][k] = wide_p[i][k] * (1 - kRate * kDecay) -
                       first * wide_m[i][k] / (spread * std::sqrt(wide_v[i][k]) + kEps);
      }
  }
  double worst = 0;
  for (size_t i = 0; i < p.size(); ++i)
    for (size_t k = 0; k < p[i].size(); ++k)
      worst = std::max(worst, std::abs(p[i][k] - wide_p[i][k]));
  CHECK(worst < 1e-6);
}

TEST_CASE("no parameters are no step, and a size below 0 is told") {
  const DeviceQueue queue({}, "test");
  DeviceAdamW(queue, {}).step(queue, {});
  const AdamWTensor wrong{nullptr, nullptr, nullptr, nullptr, -1, 1};
  CHECK_THROWS_WITH_AS(DeviceAdamW(queue, {&wrong, 1}),
                       "adamw: expected a size of at least 0, got -1", ArgumentError);
}
