#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/buffer.h"

namespace cne {
class Table;
}

namespace cne::gbdt {

/// One feature of all rows: numbers at a fixed stride, NaN where missing.
struct FeatureColumn {
  const void* data = nullptr;
  bool is_float32 = false;
  int64_t stride = 1;  // elements from one row to the next; may be negative

  double operator[](int64_t row) const {
    return is_float32 ? static_cast<double>(static_cast<const float*>(data)[row * stride])
                      : static_cast<const double*>(data)[row * stride];
  }
};

/// The names of the categories of a text feature, by code; empty for a number.
using Levels = std::vector<std::string>;

/// The rows that a model is trained on or asked about: a view of a dense array, or columns of a
/// table. A value; views must outlive it, what was converted is held in `owners`.
struct FeatureMatrix {
  int64_t rows = 0;
  std::vector<FeatureColumn> columns;
  std::vector<std::string> names;  // empty when the source has none
  std::vector<Levels> levels;      // as many as columns, or none
  std::vector<Buffer> owners;

  int width() const { return static_cast<int>(columns.size()); }
};

/// Views a dense array; the strides count elements.
FeatureMatrix from_dense(const void* data, bool is_float32, int64_t rows, int64_t width,
                         int64_t row_stride, int64_t column_stride);

/// Reads a table. Float columns without nulls are viewed; integers, bools, dates and times become
/// float64; nulls become NaN; text becomes the code of its category, and NaN when `levels` (of the
/// trained model; null to learn them, sorted) has no such category.
/// Throws TypeError that names `function` and the column for other types, or text where the model
/// has numbers and the other way round.
FeatureMatrix from_table(const Table& table, const std::vector<Levels>* levels,
                         const char* function);

}  // namespace cne::gbdt
