#pragma once

// Rows for the kernels of a GPU, which these tests run on the CPU: the same code, phase by phase.

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/device_queue.h"
#include "gbdt/bin_matrix.h"
#include "gbdt/bin_sample.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/gradient.h"
#include "random_model.h"

namespace cne::gbdt {

/// A matrix with features of few and of many bins, and what is needed beside it.
struct DeviceData {
  std::vector<double> values;  // by columns
  FeatureMatrix x;
  std::vector<Gradient> gradients;
  std::vector<int32_t> all;
  std::unique_ptr<BinMatrix> bins;

  /// `tied`: few gradients and features that come again, so that many cuts gain the same.
  DeviceData(int64_t rows, int width, uint64_t seed, bool tied = false) {
    Random random(seed);
    for (int j = 0; j < width; ++j) {
      if (tied && j >= width / 2) {
        values.insert(values.end(), values.begin() + (j - width / 2) * rows,
                      values.begin() + (j - width / 2 + 1) * rows);
        continue;
      }
      const int levels = j % 3 == 0 ? 2 + random.below(4) : 2 + random.below(400);
      for (int64_t i = 0; i < rows; ++i)
        values.push_back(j % 2 == 0 && random.chance(0.1) ? std::numeric_limits<double>::quiet_NaN()
                         : j % 5 == 4 && random.chance(0.95)  // kept as lists
                             ? 1.0
                             : std::floor(random.unit() * random.unit() * levels));
    }
    x = from_dense(values.data(), DType::kFloat64, rows, width, 1, rows);
    for (int64_t i = 0; i < rows; ++i) {
      all.push_back(static_cast<int32_t>(i));
      const int32_t size = random.chance(0.1) ? 1 << 30 : 1 << 12;
      if (tied) {
        gradients.push_back({random.chance(0.5) ? 1 << 20 : -(1 << 20), 1 << 20});
        continue;
      }
      gradients.push_back({static_cast<int32_t>((2 * random.unit() - 1) * size),
                           static_cast<int32_t>(random.unit() * size)});
    }
    const SampledRows sample(rows, all, rows, seed);
    bins = std::make_unique<BinMatrix>(
        x, find_bins(x, sample, std::vector<uint8_t>(static_cast<size_t>(width)), 255), "test");
  }
  /// Each row with chance `share`, ascending.
  std::vector<int32_t> some(double share, uint64_t seed) const {
    Random random(seed);
    std::vector<int32_t> out;
    for (const int32_t row : all)
      if (random.chance(share)) out.push_back(row);
    return out;
  }
};

}  // namespace cne::gbdt
