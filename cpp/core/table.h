#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/column.h"
#include "core/dtype.h"

namespace cne {

using Schema = std::vector<Field>;

/// Named columns of equal length. A value: copying shares the buffers. What the subsystems pass to
/// each other; Arrow's record batch in memory.
class Table {
 public:
  Table() = default;
  /// Throws ShapeError when names and columns differ in number, or columns in length.
  Table(std::vector<std::string> names, std::vector<Column> columns);
  /// No columns, but rows: what is left when no column is asked for.
  static Table with_rows(int64_t rows);
  /// No rows, the columns of a schema.
  static Table empty(const Schema& schema);

  int64_t rows() const { return rows_; }
  size_t width() const { return columns_.size(); }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<Column>& columns() const { return columns_; }
  const Column& column(size_t i) const { return columns_[i]; }
  Schema schema() const;

  /// Position of a column, or -1.
  int find(std::string_view name) const;
  /// The column, or NotFoundError that names `function` and the nearest name.
  const Column& at(std::string_view name, const char* function) const;

  void add(std::string name, Column column);
  Table slice(int64_t start, int64_t length) const;

 private:
  std::vector<std::string> names_;
  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

/// Rows of all parts in order. The parts must have the same names and types; text columns of mixed
/// offset width become large. At least one part.
Table concat(const std::vector<Table>& parts, const char* function);

}  // namespace cne
