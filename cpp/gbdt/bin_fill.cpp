#include "gbdt/bin_fill.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/parallel.h"
#include "gbdt/bin_search.h"
#include "gbdt/feature_tile.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kBlock = 4096;  // rows: a block of bins stays in the second-level cache
static_assert(kTileRows <= kSearchRows);

/// Features that are read together: all of them fit float32, or none does.
struct Tile {
  const BinTarget* targets[kTileFeatures];
  int features[kTileFeatures];
  std::vector<BinSearch> searches;
  bool single = false;
};

std::vector<Tile> cut_tiles(const FeatureMatrix& x, const std::vector<const BinTarget*>& targets,
                            size_t most) {
  std::vector<Tile> out;
  for (const BinTarget* target : targets) {
    const bool single = x.columns[target->feature].fits_float32();
    if (out.empty() || out.back().searches.size() == most || out.back().single != single)
      out.emplace_back().single = single;
    Tile& tile = out.back();
    tile.targets[tile.searches.size()] = target;
    tile.features[tile.searches.size()] = target->feature;
    tile.searches.emplace_back(*target->bins);
  }
  return out;
}

template <typename T>
void bin_tile(const FeatureMatrix& x, const Tile& tile, const TileRows& rows, int64_t begin) {
  thread_local FeatureTile<T> values;
  read_tile(x, tile.features, static_cast<int>(tile.searches.size()), rows, values);
  for (size_t j = 0; j < tile.searches.size(); ++j) {
    const BinTarget& target = *tile.targets[j];
    const int64_t first = begin + rows.first;
    if (target.bytes != nullptr) {
      tile.searches[j].find(values[j].data(), rows.count, target.bytes + first);
      continue;
    }
    std::array<uint8_t, kTileRows> found;
    tile.searches[j].find(values[j].data(), rows.count, found.data());
    target.list->add(found.data(), rows.count, first, target.common);
  }
}

/// Rows [first, last) of some features.
void bin_rows_of(const FeatureMatrix& x, const Tile& tile, int64_t first, int64_t last,
                 int64_t begin) {
  for (int64_t at = first; at < last; at += kTileRows) {
    const TileRows rows{at, static_cast<int>(std::min<int64_t>(kTileRows, last - at))};
    if (tile.single)
      bin_tile<float>(x, tile, rows, begin);
    else
      bin_tile<double>(x, tile, rows, begin);
  }
}

/// All rows of a sparse feature: the bin of 0, then those of the stored values.
void bin_sparse(const FeatureColumn& column, int64_t rows, int64_t begin, const BinTarget& target) {
  if (target.bytes != nullptr)
    std::memset(target.bytes + begin, target.bins->bin_of(0), static_cast<size_t>(rows));
  const BinSearch search(*target.bins);
  const FeatureColumn stored{column.data, column.type, column.step};
  std::array<double, kTileRows> values;
  std::array<uint8_t, kTileRows> found;
  for (int64_t at = 0; at < column.stored; at += kTileRows) {
    const auto count = static_cast<int>(std::min<int64_t>(kTileRows, column.stored - at));
    read_column(stored, at, count, values.data());
    search.find(values.data(), count, found.data());
    for (int i = 0; i < count; ++i) {
      const int64_t row = begin + column.rows[at + i];
      if (target.bytes != nullptr)
        target.bytes[row] = found[i];
      else
        target.list->add(&found[i], 1, row, target.common);
    }
  }
}

}  // namespace

void fill_bins(const FeatureMatrix& x, int64_t begin, const std::vector<BinTarget>& targets) {
  std::vector<const BinTarget*> dense;
  std::vector<const BinTarget*> listed;
  std::vector<const BinTarget*> sparse;
  for (const BinTarget& target : targets) {
    const bool few = target.bytes != nullptr || target.bins->bin_of(0) == target.common;
    if (x.columns[target.feature].sparse && few)
      sparse.push_back(&target);
    else
      (target.bytes != nullptr ? dense : listed).push_back(&target);
  }
  parallel_tasks(std::ssize(sparse), [&](int64_t i, int) {
    bin_sparse(x.columns[sparse[i]->feature], x.rows, begin, *sparse[i]);
  });
  const std::vector<Tile> tiles = cut_tiles(x, dense, kTileFeatures);
  parallel_for(tiles.empty() ? 0 : x.rows, kBlock, [&](int64_t first, int64_t last) {
    for (const Tile& tile : tiles) bin_rows_of(x, tile, first, last, begin);
  });
  // A list grows in the order of rows, so its feature is one task.
  const auto most =
      std::clamp<size_t>(listed.size() / static_cast<size_t>(num_threads()), 1, kTileFeatures);
  const std::vector<Tile> lists = cut_tiles(x, listed, most);
  parallel_tasks(std::ssize(lists),
                 [&](int64_t i, int) { bin_rows_of(x, lists[i], 0, x.rows, begin); });
}

}  // namespace cne::gbdt
