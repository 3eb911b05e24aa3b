#include "gbdt/bin_matrix.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "gbdt/bin_fill.h"
#include "gbdt/bin_layout.h"

namespace cne::gbdt {

namespace {

constexpr double kSparseShare = 0.7;  // in one bin: then listing the others is faster
constexpr double kListedShare = 0.9;  // then a list of them, 5 bytes each, is half as large
constexpr int kFewestSparse = 4;

}  // namespace

void check_row_count(int64_t rows, const char* function) {
  if (rows > std::numeric_limits<int32_t>::max())
    throw ArgumentError(message(function, ": expected fewer than 2^31 rows, got ", rows));
}

BinMatrix::BinMatrix(const FeatureMatrix& x, std::vector<FeatureBins> bins, const char* function)
    : BinMatrix(x.rows, bins, find_layouts(x, bins), function) {
  add(x, 0);
  finish();
}

BinMatrix::BinMatrix(int64_t rows, std::vector<FeatureBins> bins,
                     const std::vector<FeatureLayout>& layouts, const char* function)
    : rows_(rows), bins_(std::move(bins)) {
  check_row_count(rows_, function);
  choose(layouts);
  allocate();
}

BinMatrix::BinMatrix(int64_t rows, const BinMatrix& like)
    : rows_(rows),
      bins_(like.bins_),
      features_(like.features_),
      dense_(like.dense_),
      common_(like.common_),
      slots_(like.slots_),
      places_(like.places_) {
  allocate();
}

BinMatrix::BinMatrix(const FeatureMatrix& x, const BinMatrix& like) : BinMatrix(x.rows, like) {
  add(x, 0);
}

BinMatrix::BinMatrix(const BinMatrix& whole, const std::vector<int32_t>& rows)
    : BinMatrix(std::ssize(rows), whole) {
  parallel_tasks(width(), [&](int64_t j, int) {
    const BinColumn from = whole.column(static_cast<int>(j));
    std::vector<uint8_t> all;
    if (from.is_listed()) {
      all.resize(static_cast<size_t>(whole.rows_));
      from.read(0, whole.rows_, all.data());
    }
    const uint8_t* bins = from.is_listed() ? all.data() : from.bins;
    if (uint8_t* to = bytes_of(static_cast<int>(j))) {
      for (int64_t i = 0; i < rows_; ++i) to[i] = bins[rows[i]];
      return;
    }
    for (int64_t i = 0; i < rows_; ++i)
      lists_[-1 - places_[j]].add(&bins[rows[i]], 1, i, from.common);
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
  int columns = 0;
  int lists = 0;
  for (const int f : features_) {
    const bool list = std::ssize(places_) >= dense_ && layouts[f].share >= kListedShare;
    places_.push_back(list ? -1 - lists++ : columns++);
    common_.push_back(layouts[f].common);
    slots_.push_back(slots_.back() + bins_[f].count() + 1);
  }
}

size_t BinMatrix::bytes() const {
  size_t out = by_column_.size() + by_row_.bytes();
  for (const ListedBins& list : lists_) out += list.bytes();
  return out;
}

void BinMatrix::allocate() {
  const auto lists = std::count_if(places_.begin(), places_.end(), [](int p) { return p < 0; });
  lists_.resize(static_cast<size_t>(lists));
  column_stride_ = (rows_ + 63) / 64 * 64;
  by_column_ = Buffer::allocate(static_cast<size_t>(column_stride_ * (width() - lists)));
}

uint8_t* BinMatrix::bytes_of(int j) {
  return places_[j] < 0 ? nullptr : by_column_.mutable_data() + places_[j] * column_stride_;
}

BinColumn BinMatrix::column(int j) const {
  if (places_[j] < 0) return lists_[-1 - places_[j]].view(common_[j]);
  return {by_column_.data() + places_[j] * column_stride_};
}

void BinMatrix::add(const FeatureMatrix& x, int64_t begin) {
  std::vector<BinTarget> targets;
  for (int j = 0; j < width(); ++j)
    targets.push_back({features_[j], &bins(j), common_[j], bytes_of(j),
                       places_[j] < 0 ? &lists_[-1 - places_[j]] : nullptr});
  fill_bins(x, begin, targets);
}

void BinMatrix::finish() {
  for (ListedBins& list : lists_) list.shrink();
  by_row_ = BinRows(*this, dense_, common_);
}

}  // namespace cne::gbdt
