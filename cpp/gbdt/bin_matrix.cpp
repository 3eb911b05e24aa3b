#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_search.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;  // rows: a block of bins stays in the second-level cache
constexpr int64_t kSampleRows = 2048;
constexpr double kSparseShare = 0.7;  // in one bin: then listing the others is faster
constexpr int kFewestSparse = 4;
constexpr int kTile = 16;  // features: their values of a row share a cache line or two

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

/// A tile of numeric features of one type becomes bins: rows [from, from + rows) of x, at `out`.
struct TileTask {
  int features[kTile];  // of x
  int kept[kTile];      // of the matrix
  int count = 0;
  bool single = false;
};

template <typename T>
void bin_tile(const FeatureMatrix& x, const std::vector<BinSearch>& searches, const TileTask& task,
              int64_t from, int rows, uint8_t* out, int64_t stride) {
  thread_local Tile<T> tile;
  read_tile(x, task.features, task.count, from, rows, tile);
  for (int j = 0; j < task.count; ++j)
    searches[task.kept[j]].find(tile[j].data(), rows, out + task.kept[j] * stride);
}

bool any_missing(const FeatureColumn& column, int64_t rows) {
  for (int64_t i = 0; i < rows; ++i)
    if (std::isnan(column[i])) return true;
  return false;
}

/// The most frequent bin of a feature in a few rows, and its share of them.
std::pair<uint8_t, double> most_common(const FeatureColumn& column, const FeatureBins& bins,
                                       int64_t rows) {
  const int64_t sample = std::min(rows, kSampleRows);
  std::array<int, 256> counts{};
  for (int64_t i = 0; i < sample; ++i) ++counts[bins.bin_of(column[i * rows / sample])];
  const auto most = std::max_element(counts.begin(), counts.end());
  const double share = sample > 0 ? static_cast<double>(*most) / static_cast<double>(sample) : 0;
  return {static_cast<uint8_t>(most - counts.begin()), share};
}

}  // namespace

BinMatrix::BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function)
    : rows_(x.rows), bins_(std::move(bins)) {
  std::vector<uint8_t> keep(bins_.size());
  parallel_tasks(x.width(), [&](int64_t f, int) {
    keep[f] = bins_[f].count() > 1 || (bins_[f].count() == 1 && any_missing(x.columns[f], rows_));
  });
  choose(keep, x, function);
  allocate();
  add(x, 0);
  finish();
}

BinMatrix::BinMatrix(int64_t rows, std::vector<FeatureBins> bins, const FeatureMatrix& sample,
                     const char* function)
    : rows_(rows), bins_(std::move(bins)) {
  std::vector<uint8_t> keep;
  for (const FeatureBins& feature : bins_) keep.push_back(feature.count() > 0);
  choose(keep, sample, function);
  allocate();
}

BinMatrix::BinMatrix(const FeatureMatrix& x, const BinMatrix& like)
    : rows_(x.rows),
      bins_(like.bins_),
      features_(like.features_),
      dense_(like.dense_),
      common_(like.common_),
      slots_(like.slots_) {
  allocate();
  add(x, 0);
}

/// Dense features first, then the sparse ones, each in the caller's order.
void BinMatrix::choose(const std::vector<uint8_t>& keep, const FeatureMatrix& sample,
                       const char* function) {
  if (rows_ > std::numeric_limits<int32_t>::max())
    throw ArgumentError(message(function, ": expected fewer than 2^31 rows, got ", rows_));
  std::vector<std::pair<uint8_t, double>> found(keep.size());
  parallel_tasks(static_cast<int64_t>(keep.size()), [&](int64_t f, int) {
    if (keep[f]) found[f] = most_common(sample.columns[f], bins_[f], sample.rows);
  });
  const auto is_sparse = [&](size_t f) { return keep[f] && found[f].second >= kSparseShare; };
  int sparse = 0;
  for (size_t f = 0; f < keep.size(); ++f) sparse += is_sparse(f);
  const bool separate = sparse >= kFewestSparse;
  for (const bool last : {false, true})
    for (size_t f = 0; f < keep.size(); ++f)
      if (keep[f] && (separate && is_sparse(f)) == last) features_.push_back(static_cast<int>(f));
  dense_ = separate ? width() - sparse : width();
  slots_.push_back(0);
  for (const int f : features_) {
    common_.push_back(found[f].first);
    slots_.push_back(slots_.back() + bins_[f].count() + 1);
  }
}

void BinMatrix::allocate() {
  column_stride_ = (rows_ + 63) / 64 * 64;
  by_column_ = Buffer::allocate(static_cast<size_t>(column_stride_ * width()));
}

void BinMatrix::add(const FeatureMatrix& x, int64_t begin) {
  std::vector<BinSearch> searches;
  for (int j = 0; j < width(); ++j) searches.emplace_back(bins(j));
  parallel_for(x.rows, kBlock, [&](int64_t first, int64_t last) {
    for (int64_t at = first; at < last; at += kSearchRows)
      fill_rows(x, searches, at, begin + at,
                static_cast<int>(std::min<int64_t>(kSearchRows, last - at)));
  });
}

void BinMatrix::finish() { by_row_ = BinRows(*this, dense_, common_); }

/// Bins rows [from, from + rows) of x as rows from `to` on: runs of features of one type by tiles.
void BinMatrix::fill_rows(const FeatureMatrix& x, const std::vector<BinSearch>& searches,
                          int64_t from, int64_t to, int rows) {
  uint8_t* out = by_column_.mutable_data() + to;
  TileTask task;
  const auto flush = [&] {
    if (task.count > 0 && task.single)
      bin_tile<float>(x, searches, task, from, rows, out, column_stride_);
    else if (task.count > 0)
      bin_tile<double>(x, searches, task, from, rows, out, column_stride_);
    task.count = 0;
  };
  for (int j = 0; j < width(); ++j) {
    const FeatureColumn& column = x.columns[features_[j]];
    if (task.count == kTile || (task.count > 0 && task.single != column.is_float32)) flush();
    task.single = column.is_float32;
    task.features[task.count] = features_[j];
    task.kept[task.count++] = j;
  }
  flush();
}

}  // namespace cne::gbdt
