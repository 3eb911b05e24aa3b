#include "log/record_encoder.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "log/varint.h"

namespace cne::log {

namespace {

/// Wraps around like the two's complement that readers add back.
int64_t delta(int64_t value, int64_t base) {
  return static_cast<int64_t>(static_cast<uint64_t>(value) - static_cast<uint64_t>(base));
}

size_t bytes_size(Bytes bytes) {
  return varint_size(bytes.size) + (bytes.is_null() ? 0 : static_cast<size_t>(bytes.size));
}

uint8_t* put_bytes(uint8_t* to, Bytes bytes) {
  to = put_varint(to, bytes.size);
  if (bytes.size <= 0) return to;
  std::memcpy(to, bytes.data, static_cast<size_t>(bytes.size));
  return to + bytes.size;
}

}  // namespace

void RecordEncoder::open(int64_t timestamp_ms) {
  batch_at_ = bytes_.size();
  bytes_.resize(batch_at_ + kBatchHeaderSize);
  is_open_ = true;
  count_ = 0;
  base_timestamp_ = timestamp_ms;
  max_timestamp_ = timestamp_ms;
}

void RecordEncoder::add(int64_t timestamp_ms, Bytes key, Bytes value, std::string_view headers) {
  const size_t fixed = 1 + bytes_size(key) + bytes_size(value) + headers.size();
  if (fixed > kMaxBatchSize / 2)
    throw ArgumentError(
        message("produce: a record has ", fixed, " bytes, expected at most ", kMaxBatchSize / 2));
  // With the largest varints, so that the choice does not hang on the deltas.
  const size_t most = fixed + 3 * kMaxVarintSize;
  if (is_open_ && bytes_.size() - batch_at_ + most > batch_bytes_) finish();
  if (!is_open_) open(timestamp_ms);
  const int64_t time_delta = delta(timestamp_ms, base_timestamp_);
  const size_t body = fixed + varint_size(time_delta) + varint_size(count_);
  uint8_t* to = bytes_.room(most);
  to = put_varint(to, static_cast<int64_t>(body));
  *to++ = 0;  // attributes: none are defined
  to = put_varint(to, time_delta);
  to = put_varint(to, count_);
  to = put_bytes(to, key);
  to = put_bytes(to, value);
  std::memcpy(to, headers.data(), headers.size());
  bytes_.end_at(to + headers.size());
  max_timestamp_ = std::max(max_timestamp_, timestamp_ms);
  ++count_;
  ++records_;
}

void RecordEncoder::finish() {
  if (!is_open_) return;
  is_open_ = false;
  if (codec_ != Codec::kNone) {
    packed_.clear();
    const size_t from = batch_at_ + kBatchHeaderSize;
    compress(codec_, bytes_.data() + from, bytes_.size() - from, packed_);
    bytes_.resize(from);
    bytes_.append(packed_.data(), packed_.size());
  }
  BatchHeader header;
  header.base_offset = records_ - count_;
  header.attributes = static_cast<int16_t>(codec_);
  header.last_offset_delta = count_ - 1;
  header.base_timestamp = base_timestamp_;
  header.max_timestamp = max_timestamp_;
  header.records = count_;
  write_header(header, bytes_.data() + batch_at_);
  seal_batch(bytes_.data() + batch_at_, bytes_.size() - batch_at_);
  ++batches_;
}

void RecordEncoder::clear() {
  bytes_.clear();
  is_open_ = false;
  records_ = 0;
  batches_ = 0;
}

void append_header(Bytes key, Bytes value, ByteBuffer& out) {
  uint8_t* to = out.room(bytes_size(key) + bytes_size(value));
  to = put_bytes(to, key);
  out.end_at(put_bytes(to, value));
}

}  // namespace cne::log
