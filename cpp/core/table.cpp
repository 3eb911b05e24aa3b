#include "core/table.h"

#include <utility>

#include "core/error.h"

namespace cne {

Table::Table(std::vector<std::string> names, std::vector<Column> columns)
    : names_(std::move(names)), columns_(std::move(columns)) {
  if (names_.size() != columns_.size())
    throw ShapeError(message("Table: expected a name for each of ", columns_.size(),
                             " columns, got ", names_.size()));
  if (!columns_.empty()) rows_ = columns_[0].length();
  for (size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].length() != rows_)
      throw ShapeError(message("Table: expected columns of ", rows_, " rows, got ",
                               columns_[i].length(), " in \"", names_[i], "\""));
}

Table Table::with_rows(int64_t rows) {
  Table out;
  out.rows_ = rows;
  return out;
}

Table Table::empty(const Schema& schema) {
  Table out;
  for (const Field& field : schema) {
    out.names_.push_back(field.name);
    out.columns_.push_back(Column::nulls(field.type, 0));
  }
  return out;
}

Schema Table::schema() const {
  Schema out;
  for (size_t i = 0; i < columns_.size(); ++i)
    out.push_back({names_[i], columns_[i].type(), columns_[i].may_have_nulls()});
  return out;
}

int Table::find(std::string_view name) const {
  for (size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return static_cast<int>(i);
  return -1;
}

const Column& Table::at(std::string_view name, const char* function) const {
  const int i = find(name);
  if (i < 0) throw NotFoundError(message(function, ": no column", describe_unknown(name, names_)));
  return columns_[static_cast<size_t>(i)];
}

void Table::add(std::string name, Column column) {
  if (!columns_.empty() && column.length() != rows_)
    throw ShapeError(message("Table::add: expected ", rows_, " rows, got ", column.length(),
                             " in \"", name, "\""));
  rows_ = column.length();
  names_.push_back(std::move(name));
  columns_.push_back(std::move(column));
}

Table Table::slice(int64_t start, int64_t length) const {
  Table out;
  out.names_ = names_;
  for (const Column& column : columns_) out.columns_.push_back(column.slice(start, length));
  out.rows_ = length;
  return out;
}

Table concat(const std::vector<Table>& parts, const char* function) {
  if (parts.size() == 1) return parts[0];
  Table out;
  int64_t rows = 0;
  for (const Table& part : parts) {
    if (part.names() != parts[0].names())
      throw ArgumentError(message(function, ": expected tables with the same columns"));
    rows += part.rows();
  }
  if (parts[0].width() == 0) return Table::with_rows(rows);
  for (size_t c = 0; c < parts[0].width(); ++c) {
    std::vector<Column> columns;
    columns.reserve(parts.size());
    for (const Table& part : parts) columns.push_back(part.column(c));
    out.add(parts[0].names()[c], concat(columns, function));
  }
  return out;
}

}  // namespace cne
