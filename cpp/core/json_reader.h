#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/table.h"

namespace cne {

class JsonColumn;
class JsonScanner;

/// What to do with a text that is not an object of the schema.
enum class BadRecord : uint8_t {
  kFail,  // throw CorruptionError that names the record, the field and the place
  kNull,  // a row of nulls, listed in JsonRecords::bad
};

struct JsonRecords {
  Table table;               // one row for each text, the columns of the schema
  std::vector<int64_t> bad;  // rows that could not be read, ascending
  std::string first_error;   // of the first of them
};

/// Reads JSON objects into typed columns, by a schema. Fields that the schema does not name are
/// skipped, whatever is in them; missing ones and `null` are null; of a repeated one the last
/// counts.
///
///   bool             true, false
///   int*, uint*      a number without a fraction that fits (1, 1.0, 1e3)
///   float*           any number, NaN, Infinity, -Infinity
///   utf8, binary     a string, its UTF-8 bytes
///   date             "2013-01-31", or days since 1970-01-01
///   timestamp        ISO 8601 text (core/iso8601.h), or ticks of the column's unit since 1970
///   duration         ticks of the column's unit
///
/// Immutable but for a guess at the order of the fields: one thread at a time.
class JsonReader {
 public:
  /// Throws TypeError naming `function` for a list or struct, ArgumentError for a repeated name.
  JsonReader(Schema schema, BadRecord policy, const char* function, int max_depth = 64);

  const Schema& schema() const { return schema_; }
  /// `texts` is a utf8 or binary column (TypeError otherwise); a null is a bad record.
  /// `first` is the number of its first element, for messages.
  JsonRecords read(const Column& texts, int64_t first = 0);

 private:
  int find(std::string_view name);
  bool read_object(JsonScanner& json, std::vector<JsonColumn>& columns, int* field);
  std::string describe(const JsonScanner& json, int field, std::string_view text) const;

  Schema schema_;
  BadRecord policy_;
  const char* function_;
  int max_depth_;
  std::vector<std::string> names_;
  size_t guess_ = 0;  // the column that the next field is probably for
};

}  // namespace cne
