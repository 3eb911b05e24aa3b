#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/byte_buffer.h"
#include "core/json_writer.h"
#include "core/table.h"
#include "log/producer.h"
#include "log/record_encoder.h"

namespace cne::log {

/// Reads the rows of a table as the parts of records, by the columns that ProduceOptions names.
/// The checks are done once, by the constructor; see produce for what it throws.
///
/// What a call returns is valid until the next call of the same function.
class RowReader {
 public:
  RowReader(const Table& table, const ProduceOptions& options, int64_t now_ms);

  int64_t rows() const { return rows_; }
  bool has_keys() const { return key_ != nullptr; }
  Bytes key(int64_t row);
  Bytes value(int64_t row);
  int64_t timestamp_ms(int64_t row) const;
  std::string_view headers(int64_t row);

 private:
  void choose_key(const Table& table, const ProduceOptions& options);
  void choose_timestamp(const Table& table, const ProduceOptions& options);
  void choose_value(const Table& table, const ProduceOptions& options);
  void choose_headers(const Table& table, const ProduceOptions& options);

  int64_t rows_;
  int64_t now_ms_;
  const Column* key_ = nullptr;
  const Column* value_ = nullptr;
  const Column* timestamp_ = nullptr;
  const Column* headers_ = nullptr;
  std::optional<StringView> key_text_;
  std::optional<StringView> value_text_;
  std::optional<JsonRowWriter> json_;
  int64_t ticks_per_ms_ = 1;  // of a timestamp finer than ms
  int64_t ms_per_tick_ = 1;   // of one in seconds
  uint8_t integer_key_[8] = {};
  ByteBuffer json_bytes_;
  ByteBuffer header_bytes_;
};

}  // namespace cne::log
