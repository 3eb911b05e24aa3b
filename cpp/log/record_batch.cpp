#include "log/record_batch.h"

#include <limits>

#include "core/crc32c.h"
#include "log/big_endian.h"

namespace cne::log {

namespace {
constexpr size_t kLengthAt = 8;
constexpr size_t kEpochAt = 12;
constexpr size_t kCrcAt = 17;
constexpr size_t kPrefix = 12;  // what `length` does not count

bool length_can_be(int32_t length) {
  return length >= static_cast<int32_t>(kBatchHeaderSize - kPrefix) &&
         kPrefix + static_cast<size_t>(length) <= kMaxBatchSize;
}

bool counts_can_be(const BatchHeader& header) {
  return header.base_offset >= 0 && header.last_offset_delta >= 0 && header.records >= 0 &&
         header.records <= int64_t{header.last_offset_delta} + 1 &&
         header.base_offset <= std::numeric_limits<int64_t>::max() - (int64_t{1} << 32);
}

}  // namespace

BatchHeader read_header(const uint8_t* from) {
  BatchHeader out;
  out.base_offset = load_be<int64_t>(from);
  out.length = load_be<int32_t>(from + kLengthAt);
  out.leader_epoch = load_be<int32_t>(from + kEpochAt);
  out.magic = static_cast<int8_t>(from[kBatchMagicAt]);
  out.crc = load_be<uint32_t>(from + kCrcAt);
  out.attributes = load_be<int16_t>(from + 21);
  out.last_offset_delta = load_be<int32_t>(from + 23);
  out.base_timestamp = load_be<int64_t>(from + 27);
  out.max_timestamp = load_be<int64_t>(from + 35);
  out.producer_id = load_be<int64_t>(from + 43);
  out.producer_epoch = load_be<int16_t>(from + 51);
  out.base_sequence = load_be<int32_t>(from + 53);
  out.records = load_be<int32_t>(from + 57);
  return out;
}

void write_header(const BatchHeader& header, uint8_t* to) {
  store_be(to, header.base_offset);
  store_be(to + kLengthAt, header.length);
  store_be(to + kEpochAt, header.leader_epoch);
  to[kBatchMagicAt] = static_cast<uint8_t>(header.magic);
  store_be(to + kCrcAt, header.crc);
  store_be(to + 21, header.attributes);
  store_be(to + 23, header.last_offset_delta);
  store_be(to + 27, header.base_timestamp);
  store_be(to + 35, header.max_timestamp);
  store_be(to + 43, header.producer_id);
  store_be(to + 51, header.producer_epoch);
  store_be(to + 53, header.base_sequence);
  store_be(to + 57, header.records);
}

void patch_base_offset(uint8_t* batch, int64_t base_offset) { store_be(batch, base_offset); }

void patch_leader_epoch(uint8_t* batch, int32_t leader_epoch) {
  store_be(batch + kEpochAt, leader_epoch);
}

void seal_batch(uint8_t* batch, size_t size) {
  store_be(batch + kLengthAt, static_cast<int32_t>(size - kPrefix));
  store_be(batch + kCrcAt, crc32c(batch + kBatchCrcFrom, size - kBatchCrcFrom));
}

const char* describe(BatchFault fault) {
  switch (fault) {
    case BatchFault::kCut:
      return "the batch is cut off";
    case BatchFault::kMagic:
      return "not a record batch of format version 2";
    case BatchFault::kLength:
      return "the batch length cannot be";
    case BatchFault::kCrc:
      return "the checksum does not match";
    case BatchFault::kCounts:
      return "the offsets or counts of the batch cannot be";
  }
  return "";
}

bool can_be(const BatchHeader& header) {
  return header.magic == 2 && length_can_be(header.length) && counts_can_be(header);
}

Result<BatchHeader, BatchFault> check_batch(const uint8_t* from, size_t available) {
  if (available <= kBatchMagicAt) return BatchFault::kCut;
  if (from[kBatchMagicAt] != 2) return BatchFault::kMagic;
  const int32_t length = load_be<int32_t>(from + kLengthAt);
  if (!length_can_be(length)) return BatchFault::kLength;
  if (available < kPrefix + static_cast<size_t>(length)) return BatchFault::kCut;
  const BatchHeader header = read_header(from);
  if (crc32c(from + kBatchCrcFrom, header.size() - kBatchCrcFrom) != header.crc)
    return BatchFault::kCrc;
  if (!counts_can_be(header)) return BatchFault::kCounts;
  return header;
}

}  // namespace cne::log
