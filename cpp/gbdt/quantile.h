#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/feature_matrix.h"

namespace cne::gbdt {

/// How the values of one feature map to bins 0 .. count()-1; bin count() holds missing values.
struct FeatureBins {
  bool categorical = false;
  /// Numeric: the inclusive upper bound of each bin, ascending, the last one infinite.
  /// Categorical: the category of each bin, ascending; any other value is missing.
  std::vector<double> bounds;

  int count() const { return static_cast<int>(bounds.size()); }
  int missing_bin() const { return count(); }
  int bin_of(double value) const;
};

/// Bins for sorted values without NaN. With at most `max_bins` distinct values each gets its own
/// bin, the bound halfway to the next; otherwise bins hold about equally many values, and a value
/// that fills a bin alone gets one (as LightGBM's GreedyFindBin).
FeatureBins numeric_bins(const std::vector<double>& sorted, int max_bins);

/// One bin a category. With more than 254 of them the most frequent keep a bin (ties: the smaller
/// value), the rest count as missing.
FeatureBins categorical_bins(const FeatureColumn& column, const std::vector<int32_t>& rows);

/// Bins of every feature. Numeric ones from `sample` of the rows, chosen by `seed`, one from each
/// of `sample` even slices; `rows` lists those that count (weight above 0).
std::vector<FeatureBins> find_bins(const FeatureMatrix& x, const std::vector<int32_t>& rows,
                                   const std::vector<uint8_t>& categorical, int max_bins,
                                   int64_t sample, uint64_t seed);

}  // namespace cne::gbdt
