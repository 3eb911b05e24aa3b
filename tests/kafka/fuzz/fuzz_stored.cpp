// The first byte chooses what the rest is: a subscription or assignment that consumers send each
// other, or a key or value of __consumer_offsets or __transaction_state. What decodes must encode
// to bytes that decode to the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kafka/consumer_protocol.h"
#include "kafka/group_records.h"
#include "kafka/transaction_records.h"

namespace {

using namespace cne::kafka;

void expect(bool good) {
  if (!good) std::abort();
}

/// Twice round, as the first may write another version than came.
template <typename Decode, typename Encode>
void round_trip(std::string_view bytes, Decode decode, Encode encode) {
  const auto first = decode(bytes);
  if (!first) return;
  const std::string once = encode(*first);
  const auto second = decode(once);
  expect(second.has_value());
  expect(encode(*second) == once);
}

template <typename Value>
void value(std::string_view bytes) {
  round_trip(
      bytes, [](std::string_view b) { return std::optional<Value>(decode_value<Value>(b)); },
      [](const Value& v) { return encode_value(v); });
}

/// Of the versions, the one that the bytes have, as far as it is known.
int16_t version_of(std::string_view bytes, int16_t last) {
  const int version = bytes.size() < 2 ? 0 : static_cast<uint8_t>(bytes[1]);
  return static_cast<int16_t>(version <= last ? version : last);
}

void decode_one(uint8_t kind, std::string_view bytes) {
  const int16_t version = version_of(bytes, 3);
  switch (kind % 13) {
    case 0:
      return round_trip(bytes, decode_subscription, [&](const ConsumerProtocolSubscription& s) {
        return encode_subscription(s, version);
      });
    case 1:
      return round_trip(bytes, decode_assignment, [&](const ConsumerProtocolAssignment& a) {
        return encode_assignment(a, version);
      });
    case 2:
      return round_trip(bytes, decode_key, encode_key);
    case 3:
      return value<OffsetValue>(bytes);
    case 4:
      return value<GroupValue>(bytes);
    case 5:
      return value<ConsumerGroupValue>(bytes);
    case 6:
      return value<ConsumerMemberValue>(bytes);
    case 7:
      return value<TargetValue>(bytes);
    case 8:
      return value<TargetMemberValue>(bytes);
    case 9:
      return value<CurrentMemberValue>(bytes);
    case 10:
      return value<RegularExpressionValue>(bytes);
    case 11:
      return round_trip(bytes, decode_transaction_key, encode_transaction_key);
    default:
      return round_trip(
          bytes, [](std::string_view b) { return std::optional(decode_transaction_value(b)); },
          [](const Transaction& t) { return encode_transaction_value(t); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // On the heap, so that a byte read behind the end is found.
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    decode_one(data[0], bytes);
  } catch (const WireError&) {
  }
  return 0;
}
