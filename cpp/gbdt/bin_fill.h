#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/bin_column.h"
#include "gbdt/feature_matrix.h"
#include "gbdt/quantile.h"

namespace cne::gbdt {

/// Where the bins of a feature go: a byte a row, or a list.
struct BinTarget {
  int feature = 0;  // of the rows that are read
  const FeatureBins* bins = nullptr;
  uint8_t common = 0;
  uint8_t* bytes = nullptr;  // of the first row; null: to the list
  ListedBins* list = nullptr;
};

/// Bins the rows of x as rows from `begin` on, which follow those that are listed already. A sparse
/// feature whose zeros are in the common bin costs what it stores.
void fill_bins(const FeatureMatrix& x, int64_t begin, const std::vector<BinTarget>& targets);

}  // namespace cne::gbdt
