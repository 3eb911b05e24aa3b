#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/byte_buffer.h"
#include "kafka/api.h"
#include "kafka/encoder.h"

namespace cne::kafka {

class Connection;
class EventLoop;
class SaslSession;

/// Who is at the other end of a connection.
struct Peer {
  std::string address;
  uint16_t port = 0;
  std::string listener = "PLAINTEXT";
  std::string principal = "User:ANONYMOUS";
  uint64_t connection_id = 0;
  std::string software_name;  // as ApiVersions told
  std::string software_version;

  // Of the login; on the loop's thread only.
  bool is_established = true;         // it has done what its listener asks for
  size_t max_frame_bytes = 0;         // a smaller limit of requests than usual; 0: none
  std::shared_ptr<SaslSession> sasl;  // null: the listener has no SASL
};

struct RequestHeader {
  int16_t key = 0;
  int16_t version = 0;
  int32_t correlation_id = 0;
  std::optional<std::string> client_id;
  bool is_bare_token = false;  // there was no header: the whole frame is a token of SASL
};

/// One request on its way: where it came from, its bytes, and the one reply to it.
///
/// Held by its connection, so that replies keep the order of requests, and by whoever will answer
/// it. The bytes, and Records that view them, stay until the call is let go of. `reply` may be
/// called from any thread, once; one that no frame can hold (2 GiB) ends the connection.
class Call {
 public:
  Call(RequestHeader header, std::shared_ptr<Peer> peer, std::weak_ptr<Connection> connection,
       EventLoop& loop, ByteBuffer frame, size_t body);

  const RequestHeader& header() const { return header_; }
  int16_t version() const { return header_.version; }
  Peer& peer() const { return *peer_; }
  /// The loop of the connection: where a handler may wait for something (EventLoop::after).
  EventLoop& loop() const { return loop_; }
  uint8_t* body() { return frame_.data() + body_; }
  size_t body_size() const { return frame_.size() - body_; }
  /// Bytes of the request as it came.
  size_t size() const { return frame_.size(); }
  int64_t started_ns() const { return started_ns_; }
  /// What dispatch found.
  void set_api(const Api& api) { api_ = &api; }
  const Api* api() const { return api_; }
  /// How long the request allows its answer to wait for records or members.
  void allow_wait_ms(int64_t wait_ms) { allowed_wait_ms_ = wait_ms; }
  int64_t allowed_wait_ms() const { return allowed_wait_ms_; }
  /// Its connection is read no further for so long after the answer; to be called before it.
  void throttle(int64_t rest_ms) { throttle_ms_ = rest_ms; }
  int64_t throttle_ms() const { return throttle_ms_; }
  /// Called once with the call when it is answered, before the bytes leave.
  void on_answer(std::function<void(Call&)> observer) { observer_ = std::move(observer); }

  template <typename Response>
  void reply(const Response& response) {
    // A version below 0 has no fields at all, not even those of a header.
    reply_as(response, header_.version < 0 ? int16_t{0} : header_.version);
  }
  /// With the body in another version than asked: of ApiVersions only.
  template <typename Response>
  void reply_as(const Response& response, int16_t version) {
    const bool flexible = api_->is_flexible(version);
    Encoder encoder = begin(version, flexible);
    try {
      encoder.structure(response);
    } catch (const std::exception& failure) {  // no memory: the peer has to see that it is over
      return give_up(failure.what());
    }
    error_ = encoder.error();
    finish();
  }
  /// A frame of these bytes alone, for a bare token.
  void reply_bare(std::string_view bytes);
  /// The connection ends when the reply has gone; to be called before it.
  void close_after_reply() { closes_ = true; }
  /// For what wants no answer (acks=0).
  void reply_nothing();
  /// Ends the connection instead: the bytes cannot be understood.
  void hang_up(std::string why);

  /// What is to be let go of when the connection ends before the answer; on the loop's thread.
  void on_abandon(std::function<void()> release) { release_ = std::move(release); }

  // For the connection.
  /// It ends. On the loop's thread.
  void abandon();
  bool is_answered() const { return answered_.load(std::memory_order_acquire); }
  /// The first error in the reply.
  ErrorCode error() const { return error_; }
  bool has_reply() const { return has_reply_; }
  const std::optional<std::string>& hung_up() const { return hang_up_; }
  bool closes() const { return closes_; }
  Frame& response() { return response_; }
  size_t response_size() const { return response_.size(); }

 private:
  Encoder begin(int16_t version, bool flexible);
  void finish();
  void give_up(std::string why);
  void tell();

  RequestHeader header_;
  std::shared_ptr<Peer> peer_;
  std::weak_ptr<Connection> connection_;
  EventLoop& loop_;
  ByteBuffer frame_;
  size_t body_;
  int64_t started_ns_;
  int64_t allowed_wait_ms_ = 0;
  int64_t throttle_ms_ = 0;
  const Api* api_ = nullptr;
  std::function<void(Call&)> observer_;
  std::function<void()> release_;

  Frame response_;
  ErrorCode error_ = ErrorCode::kNone;
  bool has_reply_ = false;
  bool closes_ = false;
  std::optional<std::string> hang_up_;
  std::atomic<bool> claimed_{false};
  std::atomic<bool> answered_{false};
};

using CallPtr = std::shared_ptr<Call>;

/// The header of a request frame; `body` says where it ends. Throws WireError.
RequestHeader parse_request_header(ByteBuffer& frame, size_t& body);

}  // namespace cne::kafka
