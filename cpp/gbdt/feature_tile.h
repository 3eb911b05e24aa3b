#pragma once

#include <array>
#include <cstdint>

#include "gbdt/feature_matrix.h"

namespace cne::gbdt {

inline constexpr int kTileFeatures = 16;  // their values of a row share a cache line or two
inline constexpr int kTileRows = 512;

/// The numbers of a few features and rows, feature by feature; T is float or double.
template <typename T>
using FeatureTile = std::array<std::array<T, kTileRows>, kTileFeatures>;

/// Rows first + index[0, count), or first + [0, count) where there is no index; ascending.
struct TileRows {
  int64_t first = 0;
  int count = 0;  // at most kTileRows
  const int32_t* index = nullptr;
};

/// Reads `count` <= kTileFeatures features; the type is looked at once for many values. Dense ones
/// are read row by row, so that a matrix stored by rows is read once.
template <typename T>
void read_tile(const FeatureMatrix& x, const int* features, int count, const TileRows& rows,
               FeatureTile<T>& out);

/// Reads rows [first, first + count) of one feature.
template <typename T>
void read_column(const FeatureColumn& column, int64_t first, int64_t count, T* out);

}  // namespace cne::gbdt
