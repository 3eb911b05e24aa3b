#include "kafka/consumer_protocol.h"

#include <algorithm>

#include "kafka/decoder.h"
#include "kafka/encoder.h"
#include "log/big_endian.h"

namespace cne::kafka {

namespace {

/// Not inlined: gcc 12 would take the message of a decoder that throws for uninitialised.
template <typename Message>
[[gnu::noinline]] bool read(Message& to, std::string_view bytes) {
  if (bytes.size() < 2) return false;
  // Nothing of these messages is handed out as writable.
  auto* from = reinterpret_cast<uint8_t*>(const_cast<char*>(bytes.data()));
  const auto version = log::load_be<int16_t>(from);
  if (version < 0) return false;
  try {
    Decoder(from + 2, bytes.size() - 2, std::min(version, Message::kLastVersion), false)
        .structure(to);
    return true;
  } catch (const WireError&) {
    return false;
  }
}

template <typename Message>
std::optional<Message> decode(std::string_view bytes) {
  Message message;
  if (!read(message, bytes)) return std::nullopt;
  return message;
}

template <typename Message>
std::string encode(const Message& message, int16_t version) {
  Frame frame;
  uint8_t* to = frame.bytes.room(2);
  log::store_be(to, version);
  frame.bytes.end_at(to + 2);
  Encoder(frame, version, false).structure(message);
  return std::string(frame.bytes.view());
}

}  // namespace

std::optional<ConsumerProtocolSubscription> decode_subscription(std::string_view bytes) {
  return decode<ConsumerProtocolSubscription>(bytes);
}

std::optional<ConsumerProtocolAssignment> decode_assignment(std::string_view bytes) {
  if (bytes.empty()) return ConsumerProtocolAssignment();
  return decode<ConsumerProtocolAssignment>(bytes);
}

std::string encode_subscription(const ConsumerProtocolSubscription& subscription, int16_t version) {
  return encode(subscription, version);
}

std::string encode_assignment(const ConsumerProtocolAssignment& assignment, int16_t version) {
  return encode(assignment, version);
}

}  // namespace cne::kafka
