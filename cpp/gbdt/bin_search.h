#pragma once

#include <array>
#include <cstdint>

#include "gbdt/quantile.h"

namespace cne::gbdt {

/// Rows whose values are looked up together.
inline constexpr int kSearchRows = 512;

/// Finds the bins of many values of one feature: eight steps of a binary search over bounds
/// padded to 256, without branches and for many values side by side.
///
/// Float32 values are compared with bounds rounded down to float32, which gives the same bins.
class BinSearch {
 public:
  explicit BinSearch(const FeatureBins& bins);

  /// The bins of values[0, count), count <= kSearchRows; NaN, and a category that has no bin, is in
  /// the bin for missing values.
  void find(const float* values, int count, uint8_t* out) const;
  void find(const double* values, int count, uint8_t* out) const;

 private:
  std::array<double, 256> bounds_;
  std::array<float, 256> bounds32_;
  uint8_t missing_;
  bool categorical_;
};

}  // namespace cne::gbdt
