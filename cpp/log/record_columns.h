#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/json_reader.h"
#include "core/table.h"
#include "log/consumer.h"

namespace cne::log {

/// A part of a record that a column shows.
enum class RecordPart : uint8_t {
  kTopic,      // utf8
  kPartition,  // int32
  kOffset,     // and below: as in record_schema
  kTimestamp,
  kKey,
  kValue,
  kHeaders,
};

/// What the columns of a table of records are.
struct RecordColumns {
  struct Named {
    RecordPart part;
    std::string name;
  };
  std::vector<Named> parts;
  /// Columns behind them: fields of values that are JSON objects (core/json_reader.h).
  Schema fields;
  /// kNull: a value that cannot be read gives a row of nulls in `fields`.
  BadRecord policy = BadRecord::kFail;
};

struct RecordTables {
  Schema schema;              // of the tables, also when there is none
  std::vector<Table> tables;  // in the order of the records
  int64_t bad = 0;            // values that could not be read
  std::string first_error;    // of the first of them, with its topic, partition and offset
};

/// Lays records out as columns; values are read in threads. Throws ArgumentError for a name that
/// comes twice, TypeError for a field of a nested type, CorruptionError for a bad value with kFail.
RecordTables to_tables(const std::vector<Consumed>& records, const RecordColumns& columns,
                       const char* function);

}  // namespace cne::log
