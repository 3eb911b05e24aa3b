#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/feature_matrix.h"
#include "gbdt/model_bytes.h"
#include "gbdt/quantile.h"

namespace cne::gbdt {

/// How a BinMatrix holds a feature.
struct FeatureLayout {
  bool keep = false;   // it can split: more than one bin, or missing values
  uint8_t common = 0;  // the bin that most of some rows are in,
  double share = 0;    // and their share
};

/// Some rows of one feature, evenly spaced, from which its layout is told. Rows may come in pieces;
/// of a sparse feature only the stored values are held.
class LayoutSample {
 public:
  /// Adds from `count` rows that begin at row `begin` of `all`.
  void add(const FeatureColumn& column, int64_t begin, int64_t count, int64_t all);
  /// What another worker adds with `merge`.
  void write(ModelWriter& out) const;
  void merge(ModelReader& from);
  FeatureLayout layout(const FeatureBins& bins, bool has_missing) const;

 private:
  std::vector<double> values_;
  int64_t zeros_ = 0;
};

/// Whether one of the rows has no value.
bool any_missing(const FeatureColumn& column, int64_t rows);

/// The layouts of all features of x in the given bins.
std::vector<FeatureLayout> find_layouts(const FeatureMatrix& x,
                                        const std::vector<FeatureBins>& bins);

}  // namespace cne::gbdt
