#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/byte_buffer.h"
#include "log/record_batch.h"

namespace cne::log {

/// Bytes that may be absent (null), which is not the same as empty.
struct Bytes {
  const char* data = nullptr;
  int64_t size = -1;  // -1: null

  Bytes() = default;
  Bytes(std::string_view text)  // NOLINT: any text is bytes
      : data(text.data()), size(static_cast<int64_t>(text.size())) {}
  bool is_null() const { return size < 0; }
};

/// Turns records into record batches, one behind the other in one buffer. Base offsets count from
/// 0; the partition that takes the batches patches them.
///
/// A batch is closed when the next record would make it larger than `batch_bytes` (of plain
/// bytes); a larger record gets a batch of its own.
class RecordEncoder {
 public:
  explicit RecordEncoder(Codec codec = Codec::kNone, size_t batch_bytes = 64 << 10)
      : codec_(codec), batch_bytes_(batch_bytes) {}

  /// Appends one record. `headers` is their section as the record stores it: a varint count, then
  /// for each the lengths and bytes of key and value; see `no_headers`.
  /// Throws ArgumentError when the record is larger than a batch may be.
  void add(int64_t timestamp_ms, Bytes key, Bytes value, std::string_view headers = no_headers());
  /// Closes the batch in progress. After it bytes() are whole batches.
  void finish();
  /// Empties the buffer after its batches were written.
  void clear();

  const ByteBuffer& bytes() const { return bytes_; }
  ByteBuffer& bytes() { return bytes_; }
  /// Of the closed batches and the one in progress.
  int64_t records() const { return records_; }
  /// How many batches were closed since the last clear.
  int64_t batches() const { return batches_; }

  static std::string_view no_headers() { return {"\0", 1}; }

 private:
  void open(int64_t timestamp_ms);

  Codec codec_;
  size_t batch_bytes_;
  ByteBuffer bytes_;
  ByteBuffer packed_;
  size_t batch_at_ = 0;
  bool is_open_ = false;
  int32_t count_ = 0;
  int64_t base_timestamp_ = 0;
  int64_t max_timestamp_ = 0;
  int64_t records_ = 0;
  int64_t batches_ = 0;
};

/// Appends one header to a section under construction (behind its count).
void append_header(Bytes key, Bytes value, ByteBuffer& out);

}  // namespace cne::log
