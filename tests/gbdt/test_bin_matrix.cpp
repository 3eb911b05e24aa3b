#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "gbdt/bin_matrix.h"
#include "gbdt/bin_sample.h"
#include "gbdt/feature_matrix.h"

using namespace cne;
using namespace cne::gbdt;

// Whatever a feature is held as, bytes or a list, its bins are those of its values.
TEST_CASE("bin_matrix: columns, rows for a device and subsets hold the bins of the values") {
  std::mt19937 rng(6);
  constexpr int64_t kRows = 5000;
  constexpr int kWidth = 40;
  std::vector<double> x(static_cast<size_t>(kRows * kWidth));
  for (int64_t i = 0; i < kRows; ++i)
    for (int j = 0; j < kWidth; ++j) {
      const int one_in = 1 + j * j / 8;  // from dense to one row in 190
      double& value = x[i * kWidth + j];
      if (rng() % one_in == 0) value = static_cast<double>(rng() % 50) - 25;
      if (j % 7 == 3 && rng() % 10 == 0) value = std::numeric_limits<double>::quiet_NaN();
    }
  const FeatureMatrix matrix = from_dense(x.data(), DType::kFloat64, kRows, kWidth, 8 * kWidth, 8);
  std::vector<int32_t> all(kRows);
  for (int32_t i = 0; i < kRows; ++i) all[i] = i;
  const SampledRows sample(kRows, all, kRows, 0);
  const BinMatrix bins(matrix, find_bins(matrix, sample, std::vector<uint8_t>(kWidth), 20), "test");
  REQUIRE(bins.width() == kWidth);
  std::vector<int32_t> chosen;
  for (int i = 0; i < 700; ++i) chosen.push_back(static_cast<int32_t>(rng() % kRows));
  const BinMatrix part(bins, chosen);
  const BinMatrix again(matrix, bins);
  const int64_t stride = 44;
  const Buffer rows = dense_rows(bins, kWidth, stride);
  int listed = 0;
  std::vector<uint8_t> got(kRows);
  for (int j = 0; j < kWidth; ++j) {
    const auto want = [&](int64_t row) {
      return bins.bins(j).bin_of(x[row * kWidth + bins.feature(j)]);
    };
    listed += bins.column(j).is_listed();
    bins.column(j).read(0, kRows, got.data());
    for (int64_t i = 0; i < kRows; ++i) REQUIRE(got[i] == want(i));
    for (int64_t i = 0; i < kRows; ++i) REQUIRE(rows.data()[i * stride + j] == want(i));
    again.column(j).read(0, kRows, got.data());
    for (int64_t i = 0; i < kRows; ++i) REQUIRE(got[i] == want(i));
    part.column(j).read(0, part.rows(), got.data());
    for (int64_t i = 0; i < part.rows(); ++i) REQUIRE(got[i] == want(chosen[i]));
  }
  CHECK(listed > 20);
  CHECK(listed < 35);
  CHECK(bins.bytes() < 2 * kRows * kWidth);
}
