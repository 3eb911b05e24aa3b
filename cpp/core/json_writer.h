#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"
#include "core/table.h"

namespace cne {

// Each appends one JSON value to `out`.
void json_string(std::string_view text, ByteBuffer& out);
void json_number(double value, ByteBuffer& out);  // shortest that reads back equal; NaN, inf: null
void json_number(float value, ByteBuffer& out);
void json_integer(int64_t value, ByteBuffer& out);
void json_integer(uint64_t value, ByteBuffer& out);
/// "2013-01-31", days since 1970-01-01.
void json_date(int64_t days, ByteBuffer& out);
/// "2013-01-31T23:59:59.123Z" with 0, 3, 6 or 9 decimals by the unit; `utc` says whether the Z is
/// there.
void json_timestamp(int64_t ticks, TimeUnit unit, bool utc, ByteBuffer& out);

/// Writes the rows of a table as JSON objects, one at a time: {"a":1,"b":null}, no spaces, columns
/// in order. Timestamps with a zone are written in UTC with a Z, those without one without Z;
/// durations as the integer of their unit; lists as arrays, structs as objects.
///
/// Holds the columns. `append_row` may run in several threads.
class JsonRowWriter {
 public:
  /// Throws TypeError naming `function` and the column for binary columns, ArgumentError for text
  /// that is not UTF-8: JSON has neither.
  JsonRowWriter(std::vector<std::string> names, std::vector<Column> columns, const char* function);
  void append_row(int64_t row, ByteBuffer& out) const;

 private:
  struct Part {
    std::string prefix;  // `{"a":` or `,"a":`
    Column column;
  };
  std::vector<Part> parts_;
};

}  // namespace cne
