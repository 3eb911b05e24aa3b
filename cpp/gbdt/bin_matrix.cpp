#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;  // rows: a block of bins stays in the second-level cache

/// The bounds of a numeric feature padded to 256, so that a search is eight steps for any value.
class Finder {
 public:
  explicit Finder(const FeatureBins& bins) {
    bounds_.fill(std::numeric_limits<double>::infinity());
    std::copy(bins.bounds.begin(), bins.bounds.end(), bounds_.begin());
  }
  uint8_t operator()(double value) const {
    const double* base = bounds_.data();
    for (int half = 128; half >= 1; half /= 2) base += base[half - 1] < value ? half : 0;
    return static_cast<uint8_t>(base - bounds_.data());
  }

 private:
  std::array<double, 256> bounds_;
};

template <typename T>
void bin_numbers(const FeatureColumn& column, const FeatureBins& bins, int64_t begin, int64_t end,
                 uint8_t* out) {
  const Finder find(bins);
  const auto missing = static_cast<uint8_t>(bins.missing_bin());
  const T* data = static_cast<const T*>(column.data);
  for (int64_t i = begin; i < end; ++i) {
    const auto value = static_cast<double>(data[i * column.stride]);
    out[i] = std::isnan(value) ? missing : find(value);
  }
}

void bin_block(const FeatureColumn& column, const FeatureBins& bins, int64_t begin, int64_t end,
               uint8_t* out) {
  if (bins.categorical) {
    for (int64_t i = begin; i < end; ++i) out[i] = static_cast<uint8_t>(bins.bin_of(column[i]));
  } else if (column.is_float32) {
    bin_numbers<float>(column, bins, begin, end, out);
  } else {
    bin_numbers<double>(column, bins, begin, end, out);
  }
}

bool any_missing(const FeatureColumn& column, int64_t rows) {
  for (int64_t i = 0; i < rows; ++i)
    if (std::isnan(column[i])) return true;
  return false;
}

}  // namespace

BinMatrix::BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function)
    : rows_(x.rows), bins_(std::move(bins)) {
  if (rows_ > std::numeric_limits<int32_t>::max())
    throw ArgumentError(message(function, ": expected fewer than 2^31 rows, got ", rows_));
  slots_.push_back(0);
  for (int f = 0; f < x.width(); ++f) {
    if (bins_[f].count() == 0) continue;  // a category column with no value at all
    if (bins_[f].count() == 1 && !any_missing(x.columns[f], rows_)) continue;
    features_.push_back(f);
    slots_.push_back(slots_.back() + bins_[f].count() + 1);
  }
  fill(x, true);
}

BinMatrix::BinMatrix(const FeatureMatrix& x, const BinMatrix& like)
    : rows_(x.rows), bins_(like.bins_), features_(like.features_), slots_(like.slots_) {
  fill(x, false);
}

void BinMatrix::fill(const FeatureMatrix& x, bool by_row) {
  row_stride_ = by_row ? (width() + 3) / 4 * 4 : 0;
  column_stride_ = (rows_ + 63) / 64 * 64;
  by_row_ = Buffer::zeros(static_cast<size_t>(rows_ * row_stride_));
  by_column_ = Buffer::allocate(static_cast<size_t>(column_stride_ * width()));
  uint8_t* columns = by_column_.mutable_data();
  uint8_t* row_bytes = by_row_.mutable_data();
  parallel_for(rows_, kBlock, [&](int64_t begin, int64_t end) {
    for (int j = 0; j < width(); ++j)
      bin_block(x.columns[features_[j]], bins_[features_[j]], begin, end,
                columns + j * column_stride_);
    for (int64_t i = begin; by_row && i < end; ++i)
      for (int j = 0; j < width(); ++j)
        row_bytes[i * row_stride_ + j] = columns[j * column_stride_ + i];
  });
}

}  // namespace cne::gbdt
