#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/byte_buffer.h"
#include "core/table.h"
#include "log/record_batch.h"

namespace cne::log {

/// The columns that a read gives: offset int64, timestamp timestamp[ms, UTC], key binary, value
/// binary, headers list<struct<key: utf8, value: binary>>.
Schema record_schema();

/// Turns checked record batches into one table of record_schema.
class RecordDecoder {
 public:
  /// Room for that many records and bytes of keys and values, to save growing.
  void reserve(size_t records, size_t bytes);
  /// With `has_room`, appends the records of a batch from offset `from` on; control batches have
  /// none. Returns what is wrong with the bytes behind a correct checksum, or null; the table is
  /// then worthless. Throws UnsupportedError when this build lacks the batch's codec,
  /// CorruptionError when the compressed bytes are malformed.
  const char* add(const BatchHeader& header, const uint8_t* batch, int64_t from);
  /// False when another batch might not fit: columns hold less than 2 GiB of keys or values.
  bool has_room() const { return bytes() + kMaxBatchSize < (size_t{1} << 31); }
  int64_t records() const { return static_cast<int64_t>(offsets_.size() / sizeof(int64_t)); }
  Table finish();

 private:
  struct BytesColumn {
    ByteBuffer ends;  // int32, without the leading 0
    ByteBuffer bytes;
    ByteBuffer valid;  // one byte each
    int64_t nulls = 0;
    Column finish(DType type, int64_t rows);
  };
  const char* add_records(const BatchHeader& header, const uint8_t* data, size_t size,
                          int64_t from);
  const uint8_t* add_headers(const uint8_t* at, const uint8_t* end);
  size_t bytes() const {
    return keys_.bytes.size() + values_.bytes.size() + header_keys_.bytes.size() +
           header_values_.bytes.size();
  }
  void room_for(size_t records, size_t bytes);

  ByteBuffer plain_;       // of a compressed batch
  ByteBuffer offsets_;     // int64
  ByteBuffer timestamps_;  // int64
  BytesColumn keys_;
  BytesColumn values_;
  ByteBuffer header_ends_;  // int32, records; only once a record with headers has come
  BytesColumn header_keys_;
  BytesColumn header_values_;
};

}  // namespace cne::log
