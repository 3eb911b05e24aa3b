#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "core/buffer.h"
#include "core/dtype.h"

namespace cne {
class Table;
}

namespace cne::gbdt {

/// Calls f(std::type_identity<T>{}) with the C++ type of a number type; bools have none.
template <typename F>
auto visit_number_type(DType type, const F& f) {
  switch (type) {
    case DType::kInt8:
      return f(std::type_identity<int8_t>{});
    case DType::kInt16:
      return f(std::type_identity<int16_t>{});
    case DType::kInt32:
      return f(std::type_identity<int32_t>{});
    case DType::kInt64:
      return f(std::type_identity<int64_t>{});
    case DType::kUInt8:
      return f(std::type_identity<uint8_t>{});
    case DType::kUInt16:
      return f(std::type_identity<uint16_t>{});
    case DType::kUInt32:
      return f(std::type_identity<uint32_t>{});
    case DType::kUInt64:
      return f(std::type_identity<uint64_t>{});
    case DType::kFloat32:
      return f(std::type_identity<float>{});
    default:
      return f(std::type_identity<double>{});
  }
}

/// The number of type S at any address, as float64; 64-bit integers beyond 2^53 are rounded.
template <typename S>
double load_number(const char* at) {
  S value;
  std::memcpy(&value, at, sizeof value);
  return static_cast<double>(value);
}

/// One feature of all rows: numbers of one type at a fixed step, NaN where missing. A sparse one
/// has the values of some rows; those of the others are 0. A view.
struct FeatureColumn {
  const void* data = nullptr;
  DType type = DType::kFloat64;  // integers and floats
  int64_t step = 8;              // bytes from one value to the next; may be negative
  bool sparse = false;
  const int32_t* rows = nullptr;  // sparse: of the values, ascending
  int64_t stored = 0;             // sparse: how many values there are

  /// Whether float32 holds all values of the type.
  bool fits_float32() const {
    return type == DType::kFloat32 || type == DType::kInt8 || type == DType::kInt16 ||
           type == DType::kUInt8 || type == DType::kUInt16;
  }
  bool may_be_missing() const { return type == DType::kFloat32 || type == DType::kFloat64; }

  /// Values that are stored, of `all` rows.
  int64_t values(int64_t all) const { return sparse ? stored : all; }
  /// Stored value number k: that of row k, or of rows[k].
  double value(int64_t k) const {
    const char* at = static_cast<const char*>(data) + k * step;
    if (type == DType::kFloat64) return load_number<double>(at);  // mostly
    return visit_number_type(
        type, [at]<typename S>(std::type_identity<S>) { return load_number<S>(at); });
  }
  /// The first stored value of a row >= `row`.
  int64_t first_from(int64_t row) const;

  double operator[](int64_t row) const {
    if (!sparse) return value(row);
    const int64_t k = first_from(row);
    return k < stored && rows[k] == row ? value(k) : 0;
  }
};

/// The names of the categories of a text feature, by code; empty for a number.
using Levels = std::vector<std::string>;
/// Joins what is not there yet; both ascend.
void add_levels(Levels& all, const Levels& more);

/// The rows that a model is trained on or asked about: a view of a dense or sparse array, or
/// columns of a table. A value; views must outlive it, what was converted is held in `owners`.
struct FeatureMatrix {
  int64_t rows = 0;
  std::vector<FeatureColumn> columns;
  std::vector<std::string> names;  // empty when the source has none
  std::vector<Levels> levels;      // as many as columns, or none
  std::vector<Buffer> owners;

  int width() const { return static_cast<int>(columns.size()); }
};

/// Views a dense array of numbers; the steps count bytes.
FeatureMatrix from_dense(const void* data, DType type, int64_t rows, int64_t width,
                         int64_t row_step, int64_t column_step);

/// Reads a table. Columns of numbers, dates and times without nulls are viewed; bools become
/// float64, and so do columns with nulls, which become NaN; text becomes the code of its category,
/// and NaN when `levels` (of the trained model; null to learn them, sorted) has no such category.
/// Throws TypeError that names `function` and the column for other types, or text where the model
/// has numbers and the other way round.
FeatureMatrix from_table(const Table& table, const std::vector<Levels>* levels,
                         const char* function);

}  // namespace cne::gbdt
