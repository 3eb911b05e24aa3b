#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "core/error.h"
#include "tensor/device_sampling.h"

using namespace cne;
using namespace cne::tensor;

namespace {

std::vector<int64_t> draws(const std::vector<float>& row, int64_t rows, SamplingOptions options,
                           Words key = {3, 4}) {
  std::vector<float> scores;
  std::vector<int64_t> places, out(static_cast<size_t>(rows), -1);
  for (int64_t i = 0; i < rows; ++i)
    for (size_t j = 0; j < row.size(); ++j) {
      scores.push_back(row[j]);
      places.push_back(static_cast<int64_t>(j));
    }
  device_sample(DeviceQueue({}, "test"), Element::kFloat32, scores.data(), places.data(), rows,
                std::ssize(row), options, key, out.data());
  return out;
}

}  // namespace

TEST_CASE("a device's draws are those of running sums in float64 by the bits of their row") {
  std::mt19937 random(31);
  std::normal_distribution<float> normal;
  for (const size_t k : {1, 2, 7, 128, 129, 1000, 1024})
    for (const float temperature : {0.5F, 1.0F, 2.0F})
      for (const float top_p : {0.0F, 0.3F, 0.9F, 1.0F}) {
        std::vector<float> row(k);
        for (float& each : row) each = normal(random) * 2;
        std::sort(row.rbegin(), row.rend());
        std::vector<double> sums;
        double sum = 0;
        for (const float each : row)
          sums.push_back(sum += std::exp((double{each} - row[0]) / temperature));
        size_t last = 0;
        while (last + 1 < k && sums[last] < sum * top_p) ++last;
        const std::vector<int64_t> got = draws(row, 200, {temperature, top_p});
        int wrong = 0;
        for (uint32_t i = 0; i < 200; ++i) {
          const Words words = threefry({3, 4}, {0, i});
          const double u = (words.first + words.second * 0x1p-32) * 0x1p-32 * sums[last];
          const auto want = std::upper_bound(sums.begin(), sums.begin() + last, u) - sums.begin();
          // Weights have 24 bits: next to a border it may be the neighbour.
          const auto at = static_cast<size_t>(std::min<int64_t>(want, got[i]));
          if (got[i] != want && std::abs(sums[at] - u) > 1e-5 * sum) ++wrong;
        }
        CHECK(wrong == 0);
      }
}

TEST_CASE("a device draws as often as the probabilities say, and the best at temperature 0") {
  const std::vector<float> row = {std::log(0.5F), std::log(0.3F), std::log(0.2F)};
  int counts[3] = {};
  for (const int64_t each : draws(row, 20000, {})) ++counts[each];
  CHECK(counts[0] == doctest::Approx(10000).epsilon(0.03));
  CHECK(counts[1] == doctest::Approx(6000).epsilon(0.04));
  for (const int64_t each : draws(row, 50, {0, 1})) CHECK(each == 0);
  for (const int64_t each : draws(row, 200, {1, 0.6F})) CHECK(each < 2);
  const float kNone = -INFINITY;
  for (const int64_t each : draws({1, kNone, kNone}, 50, {})) CHECK(each == 0);
  for (const int64_t each : draws({NAN, NAN}, 5, {})) CHECK(each == 0);
  CHECK(draws(row, 0, {}).empty());
}

TEST_CASE("a product of 64 bits has an upper half") {
  CHECK(upper_product(~uint64_t{0}, ~uint64_t{0}) == ~uint64_t{0} - 1);
  CHECK(upper_product(uint64_t{1} << 63, 6) == 3);
  CHECK(upper_product(0xffffffff, 0xffffffff) == 0);
}

TEST_CASE("a device's draws tell what does not fit") {
  CHECK_THROWS_WITH_AS(draws({}, 1, {}), "sample: expected 1 to 1024 scores, got 0", ArgumentError);
  CHECK_THROWS_AS(draws({1}, 1, {-1, 1}), ArgumentError);
  CHECK_THROWS_AS(draws({1}, 1, {1, 1.5F}), ArgumentError);
}
