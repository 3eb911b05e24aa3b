#include "gbdt/feature_tile.h"

#include <algorithm>

namespace cne::gbdt {

namespace {

template <typename T>
void read_sparse(const FeatureColumn& column, int64_t first, int64_t count, T* out) {
  std::fill_n(out, count, T{0});
  for (int64_t k = column.first_from(first); k < column.stored && column.rows[k] < first + count;
       ++k)
    out[column.rows[k] - first] = static_cast<T>(column.value(k));
}

/// A run of dense features that are stored as type S; `row(i)` is the i-th row of the tile.
template <typename S, typename T, typename Row>
void read_run(const FeatureMatrix& x, const int* features, int count, int rows, const Row& row,
              std::array<T, kTileRows>* out) {
  const char* data[kTileFeatures];
  int64_t step[kTileFeatures];
  for (int j = 0; j < count; ++j) {
    data[j] = static_cast<const char*>(x.columns[features[j]].data);
    step[j] = x.columns[features[j]].step;
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < count; ++j)
      out[j][i] = static_cast<T>(load_number<S>(data[j] + row(i) * step[j]));
}

}  // namespace

template <typename T>
void read_tile(const FeatureMatrix& x, const int* features, int count, const TileRows& rows,
               FeatureTile<T>& out) {
  for (int begin = 0, end = 0; begin < count; begin = end) {
    const FeatureColumn& column = x.columns[features[begin]];
    end = begin + 1;
    if (column.sparse) {
      if (rows.index == nullptr)
        read_sparse(column, rows.first, rows.count, out[begin].data());
      else
        for (int i = 0; i < rows.count; ++i)
          out[begin][i] = static_cast<T>(column[rows.first + rows.index[i]]);
      continue;
    }
    while (end < count && x.columns[features[end]].type == column.type &&
           !x.columns[features[end]].sparse)
      ++end;
    visit_number_type(column.type, [&]<typename S>(std::type_identity<S>) {
      if (rows.index == nullptr)
        read_run<S>(
            x, features + begin, end - begin, rows.count, [&rows](int i) { return rows.first + i; },
            &out[begin]);
      else
        read_run<S>(
            x, features + begin, end - begin, rows.count,
            [&rows](int i) { return rows.first + rows.index[i]; }, &out[begin]);
    });
  }
}

template <typename T>
void read_column(const FeatureColumn& column, int64_t first, int64_t count, T* out) {
  if (column.sparse) return read_sparse(column, first, count, out);
  visit_number_type(column.type, [&]<typename S>(std::type_identity<S>) {
    const char* at = static_cast<const char*>(column.data) + first * column.step;
    for (int64_t i = 0; i < count; ++i)
      out[i] = static_cast<T>(load_number<S>(at + i * column.step));
  });
}

template void read_tile(const FeatureMatrix&, const int*, int, const TileRows&,
                        FeatureTile<float>&);
template void read_tile(const FeatureMatrix&, const int*, int, const TileRows&,
                        FeatureTile<double>&);
template void read_column(const FeatureColumn&, int64_t, int64_t, float*);
template void read_column(const FeatureColumn&, int64_t, int64_t, double*);

}  // namespace cne::gbdt
