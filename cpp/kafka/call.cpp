#include "kafka/call.h"

#include <cassert>
#include <limits>
#include <utility>

#include "core/clock.h"
#include "core/error.h"
#include "kafka/api_table.h"
#include "kafka/connection.h"
#include "kafka/decoder.h"

namespace cne::kafka {

namespace {

constexpr int16_t kApiVersionsKey = 18;
constexpr size_t kMaxFrame = std::numeric_limits<int32_t>::max();

}  // namespace

RequestHeader parse_request_header(ByteBuffer& frame, size_t& body) {
  RequestHeader header;
  Decoder decoder(frame.data(), frame.size(), 0, false);
  decoder(header.key);
  decoder(header.version);
  decoder(header.correlation_id);
  header.client_id = decoder.plain_string();
  body = frame.size() - decoder.left();
  const Route* route = find_route(header.key);
  if (route != nullptr && route->api.is_flexible(header.version)) {
    Decoder tags(frame.data() + body, frame.size() - body, header.version, true);
    tags.pass_tags();
    body = frame.size() - tags.left();
  }
  return header;
}

Call::Call(RequestHeader header, std::shared_ptr<Peer> peer, std::weak_ptr<Connection> connection,
           EventLoop& loop, ByteBuffer frame, size_t body)
    : header_(std::move(header)),
      peer_(std::move(peer)),
      connection_(std::move(connection)),
      loop_(loop),
      frame_(std::move(frame)),
      body_(body),
      started_ns_(monotonic_ns()) {}

Encoder Call::begin(int16_t version, bool flexible) {
  [[maybe_unused]] const bool twice = claimed_.exchange(true);
  assert(!twice);  // a handler answers once
  response_ = Frame();
  Encoder encoder(response_, version, flexible);
  encoder(int32_t{0});  // the length, once it is known
  encoder(header_.correlation_id);
  if (flexible && header_.key != kApiVersionsKey) encoder.no_tags();
  return encoder;
}

void Call::finish() {
  const size_t size = response_.size() - 4;
  if (size > kMaxFrame)
    return give_up(message("an answer of ", size, " bytes, more than a frame can have"));
  uint8_t* to = response_.bytes.data();
  for (int i = 0; i < 4; ++i) to[i] = static_cast<uint8_t>(size >> (24 - 8 * i));
  has_reply_ = true;
  tell();
}

void Call::reply_bare(std::string_view bytes) {
  [[maybe_unused]] const bool twice = claimed_.exchange(true);
  assert(!twice);
  response_ = Frame();
  Encoder encoder(response_, 0, false);
  encoder(int32_t{0});
  response_.bytes.append(bytes);
  finish();
}

void Call::reply_nothing() {
  [[maybe_unused]] const bool twice = claimed_.exchange(true);
  assert(!twice);
  tell();
}

void Call::hang_up(std::string why) {
  if (!claimed_.exchange(true)) give_up(std::move(why));
}

void Call::abandon() {
  if (const auto release = std::exchange(release_, nullptr)) release();
}

void Call::give_up(std::string why) {
  response_ = Frame();
  hang_up_ = std::move(why);
  tell();
}

void Call::tell() {
  if (observer_) observer_(*this);
  answered_.store(true, std::memory_order_release);
  if (const auto connection = connection_.lock()) connection->answered();
}

}  // namespace cne::kafka
