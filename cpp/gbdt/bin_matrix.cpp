#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_search.h"
#include "gbdt/feature_tile.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;  // rows: a block of bins stays in the second-level cache
constexpr int64_t kSampleRows = 2048;
constexpr double kSparseShare = 0.7;  // in one bin: then listing the others is faster
constexpr int kFewestSparse = 4;
static_assert(kTileRows <= kSearchRows);

/// A tile of dense features becomes bins: rows [from, from + rows) of x, at `out`.
struct TileTask {
  int features[kTileFeatures];          // of x
  int kept[kTileFeatures];              // of the matrix
  const BinSearch* searches = nullptr;  // one each
  int count = 0;
  bool single = false;
};

template <typename T>
void bin_tile(const FeatureMatrix& x, const TileTask& task, const TileRows& rows, uint8_t* out,
              int64_t stride) {
  thread_local FeatureTile<T> tile;
  read_tile(x, task.features, task.count, rows, tile);
  for (int j = 0; j < task.count; ++j)
    task.searches[j].find(tile[j].data(), rows.count, out + task.kept[j] * stride);
}

/// The bins of all rows of a sparse feature: that of 0, then those of the stored values.
void bin_sparse(const FeatureColumn& column, const FeatureBins& bins, int64_t rows, uint8_t* out) {
  std::memset(out, bins.bin_of(0), static_cast<size_t>(rows));
  const BinSearch search(bins);
  const FeatureColumn stored{column.data, column.type, column.step};
  std::array<double, kTileRows> values;
  std::array<uint8_t, kTileRows> found;
  for (int64_t at = 0; at < column.stored; at += kTileRows) {
    const auto count = static_cast<int>(std::min<int64_t>(kTileRows, column.stored - at));
    read_column(stored, at, count, values.data());
    search.find(values.data(), count, found.data());
    for (int i = 0; i < count; ++i) out[column.rows[at + i]] = found[i];
  }
}

bool any_missing(const FeatureColumn& column, int64_t rows) {
  if (!column.may_be_missing()) return false;
  for (int64_t k = 0; k < column.values(rows); ++k)
    if (std::isnan(column.value(k))) return true;
  return false;
}

/// The most frequent bin of a feature in a few rows, and its share of them.
std::pair<uint8_t, double> most_common(const FeatureColumn& column, const FeatureBins& bins,
                                       int64_t rows) {
  const int64_t sample = std::min(rows, kSampleRows);
  std::array<int64_t, 256> counts{};
  if (column.sparse && column.stored < sample) {
    int64_t zeros = sample;
    for (int64_t k = 0; k < column.stored; ++k) {
      const int64_t i = (column.rows[k] * sample + rows - 1) / rows;  // its row, or a later one
      if (i * rows / sample != column.rows[k]) continue;
      ++counts[bins.bin_of(column.value(k))];
      --zeros;
    }
    counts[bins.bin_of(0)] += zeros;
  } else {
    for (int64_t i = 0; i < sample; ++i) ++counts[bins.bin_of(column[i * rows / sample])];
  }
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
  std::vector<int> dense;
  std::vector<int> sparse;
  for (int j = 0; j < width(); ++j) (x.columns[features_[j]].sparse ? sparse : dense).push_back(j);
  parallel_tasks(static_cast<int64_t>(sparse.size()), [&](int64_t task, int) {
    const int j = sparse[task];
    bin_sparse(x.columns[features_[j]], bins(j), x.rows,
               by_column_.mutable_data() + j * column_stride_ + begin);
  });
  if (dense.empty()) return;
  std::vector<BinSearch> searches;
  for (const int j : dense) searches.emplace_back(bins(j));
  parallel_for(x.rows, kBlock, [&](int64_t first, int64_t last) {
    for (int64_t at = first; at < last; at += kTileRows)
      fill_rows(x, dense, searches, begin + at,
                {at, static_cast<int>(std::min<int64_t>(kTileRows, last - at))});
  });
}

void BinMatrix::finish() { by_row_ = BinRows(*this, dense_, common_); }

/// Bins some rows of x as those from `to` on: runs of features of one width by tiles.
void BinMatrix::fill_rows(const FeatureMatrix& x, const std::vector<int>& dense,
                          const std::vector<BinSearch>& searches, int64_t to,
                          const TileRows& rows) {
  uint8_t* out = by_column_.mutable_data() + to;
  TileTask task;
  const auto flush = [&] {
    if (task.count > 0 && task.single)
      bin_tile<float>(x, task, rows, out, column_stride_);
    else if (task.count > 0)
      bin_tile<double>(x, task, rows, out, column_stride_);
    task.count = 0;
  };
  for (size_t d = 0; d < dense.size(); ++d) {
    const int feature = features_[dense[d]];
    const bool single = x.columns[feature].fits_float32();
    if (task.count == kTileFeatures || (task.count > 0 && task.single != single)) flush();
    if (task.count == 0) task.searches = &searches[d];
    task.single = single;
    task.features[task.count] = feature;
    task.kept[task.count++] = dense[d];
  }
  flush();
}

}  // namespace cne::gbdt
