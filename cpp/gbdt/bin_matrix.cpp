#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_search.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;  // rows: a block of bins stays in the second-level cache
constexpr int kTile = 16;         // features: their values of a row share a cache line or two

/// The values of one tile of features and kSearchRows rows, feature by feature.
template <typename T>
using Tile = std::array<std::array<T, kSearchRows>, kTile>;

/// Reads a tile row by row, so that a matrix stored by rows is read once.
template <typename T>
void read_tile(const FeatureMatrix& x, const int* features, int count, int64_t begin, int rows,
               Tile<T>& out) {
  const T* data[kTile];
  int64_t stride[kTile];
  for (int j = 0; j < count; ++j) {
    const FeatureColumn& column = x.columns[features[j]];
    data[j] = static_cast<const T*>(column.data) + begin * column.stride;
    stride[j] = column.stride;
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < count; ++j) out[j][i] = data[j][i * stride[j]];
}

/// A tile of numeric features of one type becomes bins.
template <typename T>
void bin_tile(const FeatureMatrix& x, const std::vector<BinSearch>& searches, const int* features,
              const int* kept, int count, int64_t begin, int rows, uint8_t* columns,
              int64_t stride) {
  thread_local Tile<T> tile;
  read_tile(x, features, count, begin, rows, tile);
  for (int j = 0; j < count; ++j)
    searches[kept[j]].find(tile[j].data(), rows, columns + kept[j] * stride + begin);
}

void bin_categories(const FeatureColumn& column, const FeatureBins& bins, int64_t begin, int rows,
                    uint8_t* out) {
  for (int i = 0; i < rows; ++i) out[i] = static_cast<uint8_t>(bins.bin_of(column[begin + i]));
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
  std::vector<BinSearch> searches;
  for (int j = 0; j < width(); ++j) searches.emplace_back(bins(j));
  parallel_for(rows_, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at += kSearchRows)
      fill_rows(x, searches, at, static_cast<int>(std::min<int64_t>(kSearchRows, end - at)));
    if (by_row) transpose(begin, end);
  });
}

/// Bins rows [begin, begin + rows) by columns: runs of numeric features of one type by tiles.
void BinMatrix::fill_rows(const FeatureMatrix& x, const std::vector<BinSearch>& searches,
                          int64_t begin, int rows) {
  uint8_t* columns = by_column_.mutable_data();
  int features[kTile];
  int kept[kTile];
  int count = 0;
  bool single = false;
  const auto flush = [&] {
    if (count > 0 && single)
      bin_tile<float>(x, searches, features, kept, count, begin, rows, columns, column_stride_);
    else if (count > 0)
      bin_tile<double>(x, searches, features, kept, count, begin, rows, columns, column_stride_);
    count = 0;
  };
  for (int j = 0; j < width(); ++j) {
    const FeatureColumn& column = x.columns[features_[j]];
    if (bins(j).categorical) {
      bin_categories(column, bins(j), begin, rows, columns + j * column_stride_ + begin);
      continue;
    }
    if (count == kTile || (count > 0 && single != column.is_float32)) flush();
    single = column.is_float32;
    features[count] = features_[j];
    kept[count++] = j;
  }
  flush();
}

/// Copies rows [begin, end) from columns to rows, by squares that stay in the first-level cache.
void BinMatrix::transpose(int64_t begin, int64_t end) {
  constexpr int64_t kSide = 64;
  const uint8_t* columns = by_column_.data();
  uint8_t* out = by_row_.mutable_data();
  for (int64_t i0 = begin; i0 < end; i0 += kSide)
    for (int j0 = 0; j0 < width(); j0 += kSide) {
      const int64_t i1 = std::min(end, i0 + kSide);
      const int j1 = std::min<int>(width(), j0 + kSide);
      for (int64_t i = i0; i < i1; ++i)
        for (int j = j0; j < j1; ++j) out[i * row_stride_ + j] = columns[j * column_stride_ + i];
    }
}

}  // namespace cne::gbdt
