#include "kafka/group_records.h"

#include "kafka/decoder.h"
#include "kafka/encoder.h"
#include "log/big_endian.h"
#include "log/record_encoder.h"

namespace cne::kafka {

namespace {

template <typename Message>
std::string encode(const Message& message, int16_t version, bool flexible) {
  Frame frame;
  uint8_t* to = frame.bytes.room(2);
  log::store_be(to, version);
  frame.bytes.end_at(to + 2);
  Encoder(frame, version, flexible).structure(message);
  return std::string(frame.bytes.view());
}

template <typename Value>
std::string encode_as(const Value& value, int16_t version) {
  return encode(value, version, version >= Value::kFlexible);
}

int16_t version_of(std::string_view bytes) {
  if (bytes.size() < 2) throw WireError("decode: a group record without a version");
  return log::load_be<int16_t>(reinterpret_cast<const uint8_t*>(bytes.data()));
}

/// The decoder takes bytes that it may hand out as writable; none of these records does.
Decoder body(std::string_view bytes, int16_t version, bool flexible) {
  auto* from = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  return Decoder(from + 2, bytes.size() - 2, version, flexible);
}

bool is_known(int16_t kind) { return (kind >= 0 && kind <= 8) || kind == 16; }

}  // namespace

std::string encode_key(const GroupRecordKey& key) {
  return encode(key, static_cast<int16_t>(key.kind), false);
}

std::optional<GroupRecordKey> decode_key(std::string_view bytes) {
  const int16_t kind = version_of(bytes);
  if (!is_known(kind)) return std::nullopt;
  GroupRecordKey key;
  Decoder decoder = body(bytes, kind, false);
  decoder.structure(key);
  key.kind = kind == 0 ? GroupRecordKind::kOffset : static_cast<GroupRecordKind>(kind);
  return key;
}

std::string encode_value(const OffsetValue& value) {
  const int16_t version = value.expire_timestamp >= 0 ? 1 : value.topic_id.is_zero() ? 3 : 4;
  return encode_as(value, version);
}
std::string encode_value(const GroupValue& value) { return encode_as(value, 3); }
std::string encode_value(const ConsumerGroupValue& value) { return encode_as(value, 0); }
std::string encode_value(const ConsumerMemberValue& value) { return encode_as(value, 0); }
std::string encode_value(const TargetValue& value) { return encode_as(value, 0); }
std::string encode_value(const TargetMemberValue& value) { return encode_as(value, 0); }
std::string encode_value(const CurrentMemberValue& value) { return encode_as(value, 0); }
std::string encode_value(const RegularExpressionValue& value) { return encode_as(value, 0); }

template <typename Value>
Value decode_value(std::string_view bytes) {
  const int16_t version = version_of(bytes);
  if (version < 0 || version > Value::kLast)
    throw WireError(message("decode: a group record of version ", version));
  Value value;
  Decoder decoder = body(bytes, version, version >= Value::kFlexible);
  decoder.structure(value);
  return value;
}

template OffsetValue decode_value(std::string_view);
template GroupValue decode_value(std::string_view);
template ConsumerGroupValue decode_value(std::string_view);
template ConsumerMemberValue decode_value(std::string_view);
template TargetValue decode_value(std::string_view);
template TargetMemberValue decode_value(std::string_view);
template CurrentMemberValue decode_value(std::string_view);
template RegularExpressionValue decode_value(std::string_view);

ByteBuffer encode_records(const GroupRecords& records, int64_t timestamp_ms,
                          const std::optional<GroupTransaction>& transaction) {
  log::RecordEncoder encoder;
  for (const GroupRecord& record : records) {
    const std::string key = encode_key(record.key);
    encoder.add(timestamp_ms, std::string_view(key),
                record.value ? log::Bytes(std::string_view(*record.value)) : log::Bytes());
  }
  encoder.finish();
  ByteBuffer batches = std::move(encoder.bytes());
  if (!transaction) return batches;
  for (size_t at = 0; at < batches.size();) {
    uint8_t* batch = batches.data() + at;
    log::BatchHeader header = log::read_header(batch);
    header.attributes = static_cast<int16_t>(header.attributes | 16);
    header.producer_id = transaction->producer_id;
    header.producer_epoch = transaction->producer_epoch;
    log::write_header(header, batch);
    log::seal_batch(batch, header.size());
    at += header.size();
  }
  return batches;
}

}  // namespace cne::kafka
