#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "core/byte_buffer.h"
#include "kafka/call.h"
#include "kafka/event_loop.h"
#include "kafka/transport.h"

namespace cne::kafka {

/// What the connections of a broker share. Everything may be called from any loop.
struct ConnectionLimits {
  size_t max_request_bytes = size_t{100} << 20;
  /// Requests read and not answered, and answers that wait to leave, of one connection and of all.
  /// A connection at a limit reads no further, and begins no request that it has read.
  size_t max_requests_in_flight = 128;
  size_t max_bytes_in_flight = size_t{64} << 20;
  std::atomic<size_t> all_bytes_in_flight{0};
  size_t max_all_bytes_in_flight = size_t{512} << 20;
  int64_t max_idle_ms = 600'000;
  /// A peer that takes nothing of a response for so long is cut off.
  int64_t max_stall_ms = 60'000;
  /// A peer that has not logged in by then is cut off.
  int64_t max_setup_ms = 30'000;
};

/// One client: frames in, responses out in the order of the requests.
///
/// Belongs to one loop and is used on its thread only, but for `answered`. Kept alive by the broker
/// until it closes itself, which it tells by `on_close`; calls in work hold it weakly.
class Connection final : public EventSink, public std::enable_shared_from_this<Connection> {
 public:
  Connection(int descriptor, std::unique_ptr<Transport> transport, std::shared_ptr<Peer> peer,
             EventLoop& loop, ConnectionLimits& limits,
             std::function<void(const CallPtr&)> dispatch,
             std::function<void(Connection&)> on_close);
  ~Connection() override;

  /// Registers with the loop. On its thread.
  void open();
  void on_events(uint32_t events) override;
  /// A call of this connection has its response (or needs none). Any thread.
  void answered();
  /// On the loop's thread; twice is fine.
  void close(const char* why);
  /// Closes when it was idle or stalled for too long; called every few seconds.
  void check_timeouts(int64_t now_ms);

  Peer& peer() { return *peer_; }
  /// Why it was closed.
  const std::string& close_reason() const { return close_reason_; }

 private:
  struct InWork {
    CallPtr call;
    size_t bytes;  // of the request, and of its answer when that came at once
  };

  void serve(uint32_t events);
  void read();
  void read_and_write();
  /// Whether a frame may have this length now.
  bool is_possible(uint32_t length) const;
  bool next_is_bare_token() const;
  /// Takes whole frames out of what was read; false when the connection was closed.
  bool take_frames();
  void start_call(ByteBuffer frame);
  /// Counts bytes as in flight until the call has left.
  void hold(InWork& work, size_t bytes);
  void write();
  /// Sends some of the first response; false when the socket takes no more.
  bool write_some(Frame& frame);
  void watch();
  /// Begins no request for some time.
  void rest(int64_t rest_ms);
  /// Whether there is something that it has not looked at.
  bool has_unread() const;
  void wake_in(int64_t rest_ms);
  bool may_read() const;

  const int descriptor_;
  std::shared_ptr<Peer> peer_;
  std::unique_ptr<Transport> transport_;  // uses the peer
  EventLoop& loop_;
  ConnectionLimits& limits_;
  std::function<void(const CallPtr&)> dispatch_;
  std::function<void(Connection&)> on_close_;

  ByteBuffer input_;        // of the frame that is being read, behind its length
  uint8_t length_[4] = {};  // its length, as far as it has come
  size_t length_bytes_ = 0;
  size_t frame_bytes_ = 0;

  bool frames_wait_ = false;  // in what was read, until calls are answered
  size_t taken_ = 0;          // of what was read, while frames wait
  std::deque<InWork> calls_;  // in the order in which they came
  size_t bytes_in_flight_ = 0;
  size_t sent_bytes_ = 0;    // of the bytes of the first response
  size_t sent_splices_ = 0;  // slices gone whole
  size_t sent_of_slice_ = 0;

  std::atomic<bool> answer_posted_{false};
  uint32_t watched_ = 0;
  bool open_ = false;
  std::string close_reason_;
  bool reading_ = false;
  bool read_posted_ = false;
  bool resting_ = false;
  bool half_closed_ = false;  // seen in this rest
  int64_t rests_until_ms_ = 0;
  bool write_blocked_ = false;
  int64_t last_read_ms_ = 0;
  int64_t last_progress_ms_ = 0;
};

}  // namespace cne::kafka
