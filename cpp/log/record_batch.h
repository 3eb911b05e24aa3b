#pragma once

#include <cstddef>
#include <cstdint>

#include "core/codec.h"
#include "core/result.h"

namespace cne::log {

/// The header of a Kafka record batch of format version 2, as the protocol guide gives it
/// (https://kafka.apache.org/documentation/#recordbatch). All numbers are big-endian:
///
///   at  0 base_offset int64      at 27 base_timestamp int64     at 57 records int32
///       8 length int32              35 max_timestamp int64         61 the records
///      12 leader_epoch int32        43 producer_id int64
///      16 magic int8 = 2            51 producer_epoch int16
///      17 crc uint32                53 base_sequence int32
///      21 attributes int16
///      23 last_offset_delta int32
///
/// `length` counts the bytes behind itself. The CRC-32C covers everything from `attributes` on, so
/// base_offset and leader_epoch can be patched without computing it again.
struct BatchHeader {
  int64_t base_offset = 0;
  int32_t length = 0;
  int32_t leader_epoch = 0;
  int8_t magic = 2;
  uint32_t crc = 0;
  int16_t attributes = 0;
  int32_t last_offset_delta = 0;
  int64_t base_timestamp = 0;
  int64_t max_timestamp = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t records = 0;

  size_t size() const { return 12 + static_cast<size_t>(length); }
  int64_t next_offset() const { return base_offset + last_offset_delta + 1; }
  Codec codec() const { return static_cast<Codec>(attributes & 7); }
  /// The time is that of the append (max_timestamp), not those of the records.
  bool log_append_time() const { return attributes & 8; }
  bool transactional() const { return attributes & 16; }
  /// Holds a commit or abort marker, which readers skip.
  bool control() const { return attributes & 32; }
};

constexpr size_t kBatchHeaderSize = 61;
constexpr size_t kBatchMagicAt = 16;
constexpr size_t kBatchCrcFrom = 21;
/// A batch is smaller than this, and so is its plain form when it is compressed.
constexpr size_t kMaxBatchSize = size_t{1} << 30;

/// Reads the header at `from`, kBatchHeaderSize bytes, without any check.
BatchHeader read_header(const uint8_t* from);
/// Writes the header, the CRC of `header` as it is.
void write_header(const BatchHeader& header, uint8_t* to);
void patch_base_offset(uint8_t* batch, int64_t base_offset);
void patch_leader_epoch(uint8_t* batch, int32_t leader_epoch);
/// Computes and writes the CRC of a batch of `size` bytes.
void seal_batch(uint8_t* batch, size_t size);

/// Why bytes are not a batch.
enum class BatchFault {
  kCut,    // more bytes are needed
  kMagic,  // not format version 2
  kLength,
  kCrc,
  kCounts,  // offsets or counts that cannot be
};
const char* describe(BatchFault fault);

/// Whether there can be a batch with this header: its magic, length, offsets and counts.
bool can_be(const BatchHeader& header);
/// Checks the batch at `from`, of which `available` bytes are there: length, magic, CRC, counts.
Result<BatchHeader, BatchFault> check_batch(const uint8_t* from, size_t available);

}  // namespace cne::log
