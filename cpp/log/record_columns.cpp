#include "log/record_columns.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <set>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "log/record_decoder.h"

namespace cne::log {

namespace {

/// Values that one thread reads at a time.
constexpr int64_t kPieceRows = 16'384;

struct Piece {
  const Consumed* from = nullptr;
  Table records;
  Table out;
  int64_t bad = 0;
  std::string first_error;
};

Field field_of(RecordPart part, const std::string& name) {
  switch (part) {
    case RecordPart::kTopic:
      return {name, DType::kUtf8, false};
    case RecordPart::kPartition:
      return {name, DType::kInt32, false};
    default:
      break;
  }
  Field field =
      record_schema()[static_cast<size_t>(part) - static_cast<size_t>(RecordPart::kOffset)];
  field.name = name;
  return field;
}

Column repeat(const std::string& text, int64_t rows) {
  const size_t size = text.size();
  // A name has at most 249 bytes, a piece kPieceRows rows.
  assert(size * static_cast<size_t>(rows) <= INT32_MAX);
  Buffer offsets = Buffer::allocate(static_cast<size_t>(rows + 1) * 4);
  Buffer bytes = Buffer::allocate(size * static_cast<size_t>(rows));
  for (int64_t i = 0; i <= rows; ++i)
    offsets.mutable_as<int32_t>()[i] = static_cast<int32_t>(size * static_cast<size_t>(i));
  for (int64_t i = 0; i < rows; ++i)
    std::memcpy(bytes.mutable_data() + size * static_cast<size_t>(i), text.data(), size);
  return Column::strings(DType::kUtf8, rows, std::move(offsets), std::move(bytes));
}

Column repeat(int32_t value, int64_t rows) {
  Buffer values = Buffer::allocate(static_cast<size_t>(rows) * 4);
  std::fill_n(values.mutable_as<int32_t>(), rows, value);
  return Column(DType::kInt32, rows, std::move(values));
}

Column column_of(RecordPart part, const Piece& piece) {
  switch (part) {
    case RecordPart::kTopic:
      return repeat(piece.from->topic, piece.records.rows());
    case RecordPart::kPartition:
      return repeat(piece.from->partition, piece.records.rows());
    default:
      return piece.records.column(static_cast<size_t>(part) -
                                  static_cast<size_t>(RecordPart::kOffset));
  }
}

/// "poll: record 3: why" as "poll: topic "t" partition 0 offset 17: why".
std::string place(const std::string& error, const Piece& piece, int64_t row, const char* function) {
  const std::string prefix = message(function, ": record ", row, ": ");
  assert(error.starts_with(prefix));
  return message(function, ": topic \"", piece.from->topic, "\" partition ", piece.from->partition,
                 " offset ", piece.records.column(0).values<int64_t>()[row], ": ",
                 error.substr(prefix.size()));
}

void lay_out(Piece& piece, const RecordColumns& columns, const char* function) {
  piece.out = Table::with_rows(piece.records.rows());
  for (const auto& [part, name] : columns.parts) piece.out.add(name, column_of(part, piece));
  if (columns.fields.empty()) return;
  JsonReader reader(columns.fields, BadRecord::kNull, function);
  const JsonRecords read = reader.read(column_of(RecordPart::kValue, piece));
  for (size_t i = 0; i < read.table.width(); ++i)
    piece.out.add(read.table.names()[i], read.table.column(i));
  piece.bad = static_cast<int64_t>(read.bad.size());
  if (piece.bad > 0) piece.first_error = place(read.first_error, piece, read.bad[0], function);
}

Schema schema_of(const RecordColumns& columns, const char* function) {
  Schema out;
  for (const auto& [part, name] : columns.parts) out.push_back(field_of(part, name));
  for (const Field& field : columns.fields) out.push_back({field.name, field.type, true});
  std::set<std::string> names;
  for (const Field& field : out)
    if (!names.insert(field.name).second)
      throw ArgumentError(message(function, ": two columns would be named \"", field.name,
                                  "\"; columns={\"", field.name,
                                  "\": \"other_name\", ...} renames ", "that of the record"));
  JsonReader(columns.fields, columns.policy, function);  // checks the types
  return out;
}

}  // namespace

RecordTables to_tables(const std::vector<Consumed>& records, const RecordColumns& columns,
                       const char* function) {
  RecordTables out;
  out.schema = schema_of(columns, function);
  std::vector<Piece> pieces;
  for (const Consumed& each : records)
    for (int64_t at = 0; at < each.records.rows(); at += kPieceRows)
      pieces.push_back({&each,
                        each.records.slice(at, std::min(kPieceRows, each.records.rows() - at)),
                        {},
                        0,
                        {}});
  parallel_tasks(static_cast<int64_t>(pieces.size()), [&](int64_t task, int) {
    lay_out(pieces[static_cast<size_t>(task)], columns, function);
  });
  for (Piece& piece : pieces) {
    if (piece.bad > 0 && columns.policy == BadRecord::kFail)
      throw CorruptionError(piece.first_error);
    if (out.bad == 0) out.first_error = std::move(piece.first_error);
    out.bad += piece.bad;
    out.tables.push_back(std::move(piece.out));
  }
  return out;
}

}  // namespace cne::log
