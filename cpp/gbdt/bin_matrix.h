#pragma once

#include <cstdint>
#include <vector>

#include "core/buffer.h"
#include "gbdt/bin_column.h"
#include "gbdt/bin_rows.h"
#include "gbdt/quantile.h"

namespace cne::gbdt {

struct FeatureLayout;
struct FeatureMatrix;

/// Throws ArgumentError naming `function` for 2^31 rows or more, which have no numbers.
void check_row_count(int64_t rows, const char* function);

/// The training rows as one byte a value, kept twice: by rows (BinRows) for histograms, and by
/// columns, so that a partition reads one feature in order. Features that cannot split (one bin and
/// nothing missing) are left out. Those of which most rows are in one bin come last and are sparse;
/// where nine tenths are, the others are listed by columns, too.
///
/// Immutable once it is whole; safe to share between threads.
class BinMatrix {
 public:
  /// Bins all rows of `x`; rows that do not count are binned too, and cost nothing later.
  /// Throws ArgumentError naming `function` for 2^31 rows or more.
  BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function);

  /// Room for `rows` rows that come in pieces: `add` each, then `finish`.
  BinMatrix(int64_t rows, std::vector<FeatureBins> bins, const std::vector<FeatureLayout>& layouts,
            const char* function);
  /// Bins the rows of `x` as rows [begin, begin + x.rows).
  void add(const FeatureMatrix& x, int64_t begin);
  void finish();

  /// The rows of `x` in the bins and features of `like`, by columns only: a validation set.
  BinMatrix(const FeatureMatrix& x, const BinMatrix& like);

  /// Some rows of `whole`, which lie in it, with its bins and features.
  BinMatrix(const BinMatrix& whole, const std::vector<int32_t>& rows);

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

  BinColumn column(int j) const;
  const BinRows& by_row() const { return by_row_; }
  /// What it takes of memory.
  size_t bytes() const;

 private:
  void choose(const std::vector<FeatureLayout>& layouts);
  void allocate();
  BinMatrix(int64_t rows, const BinMatrix& like);
  uint8_t* bytes_of(int j);

  int64_t rows_ = 0;
  std::vector<FeatureBins> bins_;
  std::vector<int> features_;
  int dense_ = 0;                // the first so many of features_
  std::vector<uint8_t> common_;  // by kept feature
  std::vector<int32_t> slots_;
  std::vector<int> places_;  // by kept feature: which column of bytes; -1 - k: list k
  int64_t column_stride_ = 0;
  Buffer by_column_;
  std::vector<ListedBins> lists_;
  BinRows by_row_;
};

}  // namespace cne::gbdt
