#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "gbdt/quantile.h"

namespace cne::gbdt {

class BinSearch;

/// The training rows as one byte a value, kept twice: by rows, so that a histogram pass over some
/// rows reads one or two cache lines a row, and by columns, so that a partition reads one feature
/// in order. Features that cannot split (one bin and nothing missing) are left out.
///
/// Immutable after construction; safe to share between threads.
class BinMatrix {
 public:
  /// Bins all rows of `x`; rows that do not count are binned too, and cost nothing later.
  /// Throws ArgumentError naming `function` for 2^31 rows or more.
  BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function);

  /// The rows of `x` in the bins and features of `like`, by columns only: a validation set.
  BinMatrix(const FeatureMatrix& x, const BinMatrix& like);

  int64_t rows() const { return rows_; }
  /// Features of the caller's matrix.
  int features() const { return static_cast<int>(bins_.size()); }
  /// Features kept.
  int width() const { return static_cast<int>(features_.size()); }
  /// The feature in the caller's matrix that kept feature j is.
  int feature(int j) const { return features_[j]; }
  const FeatureBins& bins(int j) const { return bins_[features_[j]]; }
  /// The bins of the caller's feature f.
  const FeatureBins& bins_of_feature(int f) const { return bins_[f]; }
  /// Slots of feature j in a histogram: [slot(j), slot(j + 1)), the last one for missing values.
  int slot(int j) const { return slots_[j]; }
  const int32_t* slots() const { return slots_.data(); }
  int total_slots() const { return slots_.back(); }

  const uint8_t* column(int j) const { return by_column_.data() + j * column_stride_; }
  const uint8_t* by_row() const { return by_row_.data(); }
  const Buffer& by_row_buffer() const { return by_row_; }
  int64_t row_stride() const { return row_stride_; }

 private:
  void fill(const FeatureMatrix& x, bool by_row);
  void fill_rows(const FeatureMatrix& x, const std::vector<BinSearch>& searches, int64_t begin,
                 int rows);
  void transpose(int64_t begin, int64_t end);

  int64_t rows_ = 0;
  std::vector<FeatureBins> bins_;
  std::vector<int> features_;
  std::vector<int32_t> slots_;
  int64_t row_stride_ = 0;
  int64_t column_stride_ = 0;
  Buffer by_row_;
  Buffer by_column_;
};

}  // namespace cne::gbdt
