#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/table.h"

// The Arrow C data and stream interfaces, as their specification gives them:
// https://arrow.apache.org/docs/format/CDataInterface.html
extern "C" {
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema*);
  int (*get_next)(ArrowArrayStream*, ArrowArray*);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};
#endif
}

namespace cne::arrow {

/// Which columns of a table to take, by name.
struct Choice {
  std::function<bool(std::string_view)> take;  // empty: every column
  /// Empty: every column. One that is not needed is left out where its type is not supported.
  std::function<bool(std::string_view)> need;
};

/// The field that a schema describes. Types with no layout of ours are read as the nearest one:
/// string views as utf8, dictionaries as their values, date64 as date, null as bool, float16 as
/// float32, large lists as lists. Throws TypeError naming `function` and the column otherwise.
Field import_field(const ArrowSchema& schema, const char* function);

/// Takes `array` over (its release pointer becomes null) and views its memory without copying, but
/// for the types that import_field converts. `schema` stays the caller's.
Column import_column(const ArrowSchema& schema, ArrowArray* array, const char* function);
/// The same for a struct array read as a table: a record batch. A null struct row is an error.
Table import_table(const ArrowSchema& schema, ArrowArray* array, const char* function,
                   const Choice& choice = {});
/// Reads a stream to its end and releases it. No batch gives one empty table, so that the schema is
/// kept. A stream of plain arrays (not structs) becomes tables of one column with the field's name.
std::vector<Table> import_stream(ArrowArrayStream* stream, const char* function,
                                 const Choice& choice = {});

// Out, without copies: the consumer's release drops our reference to the buffers.
void export_field(const Field& field, ArrowSchema* out);
void export_column(const Column& column, ArrowArray* out);
void export_schema(const Schema& schema, ArrowSchema* out);
void export_table(const Table& table, ArrowArray* out);
/// All tables must have one schema.
void export_stream(const Schema& schema, std::vector<Table> batches, ArrowArrayStream* out);

}  // namespace cne::arrow
