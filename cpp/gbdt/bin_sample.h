#pragma once

#include <cstdint>
#include <vector>

#include "gbdt/feature_matrix.h"
#include "gbdt/model_bytes.h"
#include "gbdt/quantile.h"

namespace cne::gbdt {

/// The rows that bins are found from, of rows that may come in pieces: categories from all that
/// count (weight above 0), numbers from a sample of them, one from each of `sample` even slices,
/// chosen by `seed`.
class SampledRows {
 public:
  /// `counted` ascends and lies in [0, rows).
  SampledRows(int64_t rows, const std::vector<int32_t>& counted, int64_t sample, uint64_t seed);

  const std::vector<int32_t>& counted() const { return counted_; }
  const std::vector<int32_t>& sample() const { return sample_; }
  bool is_counted(int64_t row) const { return (marks_[row] & kCounted) != 0; }
  bool is_sampled(int64_t row) const { return (marks_[row] & kSampled) != 0; }

 private:
  static constexpr uint8_t kCounted = 1;
  static constexpr uint8_t kSampled = 2;

  std::vector<int32_t> counted_;
  std::vector<int32_t> sample_;
  std::vector<uint8_t> marks_;  // by row
};

/// What the bins of one feature are found from: a sample of its numbers, or how often its
/// categories occur. Of a sparse feature only the stored values are held.
class FeatureSample {
 public:
  explicit FeatureSample(bool categorical) : categorical_(categorical) {}

  bool categorical() const { return categorical_; }
  /// Room for `count` numbers is made at the first one.
  void expect(size_t count) { expected_ = count; }
  void add(const float* numbers, int64_t count);
  void add(const double* numbers, int64_t count);
  void add_zeros(int64_t count) { zeros_ += count; }
  CategoryCounts& categories() { return categories_; }

  /// What another worker adds with `merge`.
  void write(ModelWriter& out) const;
  void merge(ModelReader& from);

  /// The bins; the sample is empty after that.
  FeatureBins take_bins(int max_bins);

 private:
  bool categorical_;
  size_t expected_ = 0;
  bool wide_ = false;
  std::vector<float> singles_;  // as long as all numbers are
  std::vector<double> doubles_;
  int64_t zeros_ = 0;
  CategoryCounts categories_;
};

/// Adds what `x`, rows [begin, begin + x.rows) of all, holds of features [first, last) to
/// samples[0, last - first).
void add_to_samples(const FeatureMatrix& x, int64_t begin, const SampledRows& rows, int first,
                    int last, FeatureSample* samples);

/// Bins of every feature of `x`; `categorical` is 1 for each that holds categories.
std::vector<FeatureBins> find_bins(const FeatureMatrix& x, const SampledRows& rows,
                                   const std::vector<uint8_t>& categorical, int max_bins);

}  // namespace cne::gbdt
