#pragma once

#include <cstddef>
#include <cstdint>

#include "log/record_batch.h"
#include "log/varint.h"

namespace cne::log {

/// One record as it lies in the plain bytes of a batch; pointers into them.
struct RecordView {
  const uint8_t* begin = nullptr;  // of the record's length
  const uint8_t* end = nullptr;
  int64_t timestamp_delta = 0;
  const uint8_t* offset_at = nullptr;  // where the delta of the offset is
  int64_t offset_delta = 0;
  const uint8_t* key = nullptr;
  int64_t key_size = -1;  // -1: null
  const uint8_t* value = nullptr;
  int64_t value_size = -1;
  const uint8_t* headers = nullptr;  // their count, then the headers, up to `end`

  int64_t timestamp(const BatchHeader& header) const {
    if (header.log_append_time()) return header.max_timestamp;
    // Wraps around like the two's complement that clients compute with.
    return static_cast<int64_t>(static_cast<uint64_t>(header.base_timestamp) +
                                static_cast<uint64_t>(timestamp_delta));
  }
};

/// A length and that many bytes. Returns the end, or null when they are malformed.
inline const uint8_t* get_sized(const uint8_t* at, const uint8_t* end, const uint8_t** data,
                                int64_t* size) {
  at = get_varint(at, end, size);
  if (at == nullptr || *size < -1 || *size > end - at) return nullptr;
  *data = at;
  return *size < 0 ? at : at + *size;
}

/// Calls `visit(record)` for each record of a batch whose plain bytes are `data`; it returns false
/// to end early. Returns what is wrong with the bytes, or null. The headers are left to the
/// visitor, see check_headers.
template <typename Visit>
const char* walk_records(const BatchHeader& header, const uint8_t* data, size_t size,
                         Visit&& visit) {
  const uint8_t* at = data;
  const uint8_t* const batch_end = data + size;
  int64_t last_delta = -1;
  for (int32_t i = 0; i < header.records; ++i) {
    RecordView record;
    record.begin = at;
    int64_t length = 0;
    at = get_varint(at, batch_end, &length);
    if (at == nullptr || length < 1 || length > batch_end - at) return "a record is cut off";
    const uint8_t* const end = record.end = at + length;
    ++at;  // attributes
    if ((at = get_varint(at, end, &record.timestamp_delta)) == nullptr ||
        (at = get_varint(record.offset_at = at, end, &record.offset_delta)) == nullptr ||
        (at = get_sized(at, end, &record.key, &record.key_size)) == nullptr ||
        (at = get_sized(at, end, &record.value, &record.value_size)) == nullptr || at == end)
      return "a record is malformed";
    if (record.offset_delta <= last_delta || record.offset_delta > header.last_offset_delta)
      return "the offsets in a batch are not ascending";
    last_delta = record.offset_delta;
    record.headers = at;
    if (!visit(record)) return nullptr;
    at = end;
  }
  return at == batch_end ? nullptr : "bytes are left behind the last record";
}

/// What is wrong with the headers of a record, or null.
const char* check_headers(const RecordView& record);

}  // namespace cne::log
