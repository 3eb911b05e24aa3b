#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "tensor/device_cross_entropy.h"

using namespace cne;
using namespace cne::tensor;

namespace {

/// Errors of losses, log_sums and slopes against float64.
struct Errors {
  double losses = 0, log_sums = 0, slopes = 0;
};

template <typename T>
Errors errors_of(Element element, int64_t rows, int64_t classes, float smoothing, int64_t shift) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const auto size = static_cast<size_t>(rows * classes);
  std::vector<T> room(size + 16), slopes(size), losses(static_cast<size_t>(rows)), by(losses);
  T* const logits = room.data() + shift;
  for (T& each : room) each = from_float<T>(normal(random) * 3 + 40);
  std::vector<int64_t> labels;
  std::vector<float> logs(losses.size()), by_logs(losses.size());
  for (size_t i = 0; i < losses.size(); ++i) {
    labels.push_back(i % 5 == 4 ? -100
                                : static_cast<int64_t>(random() % std::max<int64_t>(classes, 1)));
    by[i] = from_float<T>(normal(random));
    by_logs[i] = normal(random);
  }
  const CrossEntropyInputs of{logits, labels.data(), rows, classes, smoothing};
  const Device device;
  device_cross_entropy(device, element, of, losses.data(), logs.data());
  device_cross_entropy_gradient(device, element, of, logs.data(), by.data(), by_logs.data(),
                                slopes.data());
  Errors worst;
  for (size_t i = 0; i < losses.size(); ++i) {
    const auto x = [&](int64_t c) {
      return double{to_float(logits[static_cast<int64_t>(i) * classes + c])};
    };
    double sum = 0, mean = 0;
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(x(c) - 40);
    for (int64_t c = 0; c < classes; ++c) mean += x(c) / static_cast<double>(classes);
    const double log_sum = std::log(sum) + 40;
    const bool is_class = labels[i] >= 0;
    const double loss =
        is_class ? log_sum - (1 - smoothing) * x(labels[i]) - smoothing * mean : 0.0;
    worst.losses = std::max(worst.losses, std::abs(to_float(losses[i]) - loss));
    worst.log_sums = std::max(worst.log_sums, std::abs(logs[i] - log_sum));
    const double g = is_class ? to_float(by[i]) : 0.0;
    for (int64_t c = 0; c < classes; ++c) {
      const double want =
          (g + by_logs[i]) * std::exp(x(c) - log_sum) -
          g * ((c == labels[i] ? 1 - smoothing : 0.0) + smoothing / static_cast<double>(classes));
      const double got =
          to_float(slopes[i * static_cast<size_t>(classes) + static_cast<size_t>(c)]);
      worst.slopes = std::max(worst.slopes, std::abs(got - want));
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("a device's cross-entropy and its derivative are the formulas in float64") {
  for (const int64_t rows : {0, 1, 7, 9})
    for (const int64_t classes : {1, 3, 64, 1000, 1025, 4096})
      for (const float smoothing : {0.0F, 0.1F})
        for (const int64_t shift : {0, 1}) {
          CAPTURE(classes);
          const Errors wide = errors_of<float>(Element::kFloat32, rows, classes, smoothing, shift);
          CHECK(wide.losses < 1e-4);  // logits are about 40: 2^-18
          CHECK(wide.log_sums < 1e-4);
          CHECK(wide.slopes < 1e-4);
          const Errors half = errors_of<Half>(Element::kFloat16, rows, classes, smoothing, shift);
          CHECK(half.losses < 1e-2);
          CHECK(half.slopes < 4e-3);
          const Errors narrow =
              errors_of<BFloat16>(Element::kBFloat16, rows, classes, smoothing, shift);
          CHECK(narrow.losses < 1e-1);
          CHECK(narrow.slopes < 3e-2);
        }
}

TEST_CASE("a device's cross-entropy of infinite scores is the CPU's") {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> logits = {-kInfinity, 0,          -200, -kInfinity, kInfinity, 1, -kInfinity,
                               -kInfinity, -kInfinity, -200, -100,       -kInfinity};
  std::vector<int64_t> labels = {1, 1, 0, 2};
  std::vector<float> losses(4), logs(4);
  const CrossEntropyInputs of{logits.data(), labels.data(), 4, 3, 0};
  device_cross_entropy({}, Element::kFloat32, of, losses.data(), logs.data());
  CHECK(losses[0] == 0);
  CHECK(logs[0] == 0);
  CHECK(logs[1] == kInfinity);
  CHECK(logs[2] == -kInfinity);
  CHECK(logs[3] == -100);
  CHECK(losses[3] == kInfinity);
}

TEST_CASE("a device's cross-entropy tells what does not fit") {
  const Device device;
  CHECK_THROWS_WITH_AS(device_cross_entropy(device, Element::kInt8, {}, nullptr, nullptr),
                       "softmax_cross_entropy: expected float32, float16 or bfloat16, got int8",
                       TypeError);
  CHECK_THROWS_WITH_AS(device_cross_entropy(device, Element::kFloat32, {nullptr, nullptr, 0, 0, 2},
                                            nullptr, nullptr),
                       "softmax_cross_entropy: expected a smoothing of 0 to 1, got 2",
                       ArgumentError);
}
