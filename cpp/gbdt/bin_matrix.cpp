#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_layout.h"
#include "gbdt/bin_search.h"
#include "gbdt/feature_tile.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;      // rows: a block of bins stays in the second-level cache
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

}  // namespace

BinMatrix::BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function)
    : BinMatrix(x.rows, bins, find_layouts(x, bins), function) {
  add(x, 0);
  finish();
}

BinMatrix::BinMatrix(int64_t rows, std::vector<FeatureBins> bins,
                     const std::vector<FeatureLayout>& layouts, const char* function)
    : rows_(rows), bins_(std::move(bins)) {
  if (rows_ > std::numeric_limits<int32_t>::max())
    throw ArgumentError(message(function, ": expected fewer than 2^31 rows, got ", rows_));
  choose(layouts);
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

BinMatrix::BinMatrix(const BinMatrix& whole, const std::vector<int32_t>& rows)
    : rows_(std::ssize(rows)),
      bins_(whole.bins_),
      features_(whole.features_),
      dense_(whole.dense_),
      common_(whole.common_),
      slots_(whole.slots_) {
  allocate();
  parallel_tasks(width(), [&](int64_t j, int) {
    const uint8_t* from = whole.column(static_cast<int>(j));
    uint8_t* to = by_column_.mutable_data() + j * column_stride_;
    for (int64_t i = 0; i < rows_; ++i) to[i] = from[rows[i]];
  });
  finish();
}

/// Dense features first, then the sparse ones, each in the caller's order.
void BinMatrix::choose(const std::vector<FeatureLayout>& layouts) {
  const auto is_sparse = [](const FeatureLayout& feature) {
    return feature.keep && feature.share >= kSparseShare;
  };
  const auto sparse = static_cast<int>(std::count_if(layouts.begin(), layouts.end(), is_sparse));
  const bool separate = sparse >= kFewestSparse;
  for (const bool last : {false, true})
    for (size_t f = 0; f < layouts.size(); ++f)
      if (layouts[f].keep && (separate && is_sparse(layouts[f])) == last)
        features_.push_back(static_cast<int>(f));
  dense_ = separate ? width() - sparse : width();
  slots_.push_back(0);
  for (const int f : features_) {
    common_.push_back(layouts[f].common);
    slots_.push_back(slots_.back() + bins_[f].count() + 1);
  }
}

size_t BinMatrix::bytes() const { return by_column_.size() + by_row_.bytes(); }

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
