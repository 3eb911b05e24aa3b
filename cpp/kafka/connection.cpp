#include "kafka/connection.h"

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.h"
#include "kafka/sasl_session.h"

namespace cne::kafka {

namespace {

constexpr size_t kReadBytes = size_t{256} << 10;
// Of a frame of which only the length has come.
constexpr size_t kEagerBytes = size_t{2} << 20;
constexpr int64_t kLongestTimerMs = 10'000;

}  // namespace

Connection::Connection(int descriptor, std::unique_ptr<Transport> transport,
                       std::shared_ptr<Peer> peer, EventLoop& loop, ConnectionLimits& limits,
                       std::function<void(const CallPtr&)> dispatch,
                       std::function<void(Connection&)> on_close)
    : descriptor_(descriptor),
      peer_(std::move(peer)),
      transport_(std::move(transport)),
      loop_(loop),
      limits_(limits),
      dispatch_(std::move(dispatch)),
      on_close_(std::move(on_close)) {}

Connection::~Connection() {
  limits_.all_bytes_in_flight -= bytes_in_flight_;
  transport_.reset();  // it may still write
  ::close(descriptor_);
}

void Connection::open() {
  open_ = true;
  last_read_ms_ = last_progress_ms_ = EventLoop::now_ms();
  watched_ = EPOLLIN;
  loop_.add(descriptor_, watched_, this);
  if (peer_->is_established) return;
  loop_.after(limits_.max_setup_ms, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && !self->peer_->is_established) self->close("it has not logged in");
  });
}

void Connection::close(const char* why) {
  if (!open_) return;
  open_ = false;
  close_reason_ = why;
  loop_.remove(descriptor_, this);
  for (const InWork& work : calls_) work.call->abandon();
  calls_.clear();
  on_close_(*this);  // may let go of this
}

void Connection::on_events(uint32_t events) {
  const auto self = shared_from_this();
  try {
    serve(events);
  } catch (const std::exception&) {  // no memory, most likely
    reading_ = false;
    close("it cannot be served");
  }
}

void Connection::serve(uint32_t events) {
  if (events & (EPOLLERR | EPOLLHUP)) return close("the peer is gone");
  if (resting_ && (events & EPOLLRDHUP)) {
    if (!has_unread()) return close("the peer has closed");
    half_closed_ = true;  // what it has sent before is read after the rest
  }
  const bool read_waited = transport_->wants_write();
  if (events & EPOLLOUT) {
    write_blocked_ = false;
    write();
  }
  if (open_ && ((events & EPOLLIN) || read_waited)) read_and_write();
  if (open_) watch();
}

void Connection::read_and_write() {
  reading_ = true;
  read();
  reading_ = false;
  if (open_) write();
}

bool Connection::may_read() const {
  return !resting_ && calls_.size() < limits_.max_requests_in_flight &&
         bytes_in_flight_ < limits_.max_bytes_in_flight &&
         (calls_.empty() || limits_.all_bytes_in_flight < limits_.max_all_bytes_in_flight);
}

bool Connection::has_unread() const {
  int bytes = 0;
  return frames_wait_ || transport_->has_input() ||
         (ioctl(descriptor_, FIONREAD, &bytes) == 0 && bytes > 0);
}

void Connection::watch() {
  const uint32_t wanted = (may_read() ? EPOLLIN : 0u) |
                          (write_blocked_ || transport_->wants_write() ? EPOLLOUT : 0u) |
                          (resting_ && !half_closed_ ? EPOLLRDHUP : 0u);
  if (wanted != watched_) {
    watched_ = wanted;
    loop_.change(descriptor_, wanted, this);
  }
  if (read_posted_ || !(frames_wait_ || transport_->has_input()) || !may_read()) return;
  read_posted_ = true;
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->read_posted_ = false;
    if (!self->open_) return;
    self->read_and_write();
    if (self->open_) self->watch();
  });
}

void Connection::rest(int64_t rest_ms) {
  rests_until_ms_ = std::max(rests_until_ms_, EventLoop::now_ms() + rest_ms);
  if (std::exchange(resting_, true)) return;
  half_closed_ = false;
  wake_in(rest_ms);
}

void Connection::wake_in(int64_t rest_ms) {
  // Rests may last for days: what has closed since is not kept in memory for as long.
  loop_.after(std::min(rest_ms, kLongestTimerMs), [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->open_) return;
    const int64_t left_ms = self->rests_until_ms_ - EventLoop::now_ms();
    if (left_ms > 0) return self->wake_in(left_ms);
    self->resting_ = false;
    self->watch();
  });
}

bool Connection::next_is_bare_token() const {
  return peer_->sasl && peer_->sasl->wants_bare_token();
}

bool Connection::is_possible(uint32_t length) const {
  constexpr uint32_t kHeaderBytes = 8;
  const size_t most =
      peer_->max_frame_bytes != 0 ? peer_->max_frame_bytes : limits_.max_request_bytes;
  return length <= most && (length >= kHeaderBytes || next_is_bare_token());
}

void Connection::read() {
  // A few rounds, then other connections have their turn.
  for (int round = 0; round < 4 && open_ && may_read(); ++round) {
    if (frames_wait_) {
      // They were read before.
    } else if (length_bytes_ < 4) {
      // The length, and as much of the frame as comes along with it.
      static thread_local std::array<uint8_t, kReadBytes> chunk;
      const IoResult got = transport_->read(chunk.data(), chunk.size());
      if (got.state == IoState::kAgain) return;
      if (got.state != IoState::kDone) return close("the peer has closed");
      last_read_ms_ = EventLoop::now_ms();
      input_.append(chunk.data(), got.bytes);
    } else {
      // The rest of a large frame goes where it stays. Memory grows with what has come.
      const size_t left = frame_bytes_ - input_.size();
      const size_t room = std::min(left, std::max(kReadBytes, input_.size()));
      uint8_t* to = input_.room(room);
      const IoResult got = transport_->read(to, room);
      if (got.state == IoState::kAgain) return;
      if (got.state != IoState::kDone) return close("the peer has closed");
      last_read_ms_ = EventLoop::now_ms();
      input_.end_at(to + got.bytes);
    }
    if (!take_frames()) return;
  }
}

bool Connection::take_frames() {
  size_t at = std::exchange(taken_, 0);
  frames_wait_ = false;
  while (open_) {
    if (at < input_.size() && !may_read()) {
      frames_wait_ = true;
      taken_ = at;
      return true;
    }
    if (length_bytes_ < 4) {
      while (length_bytes_ < 4 && at < input_.size())
        length_[length_bytes_++] = input_.data()[at++];
      if (length_bytes_ < 4) break;
      const uint32_t length = static_cast<uint32_t>(length_[0]) << 24 |
                              static_cast<uint32_t>(length_[1]) << 16 |
                              static_cast<uint32_t>(length_[2]) << 8 | length_[3];
      if (!is_possible(length)) {
        close("a frame of impossible length");
        return false;
      }
      frame_bytes_ = length;
    }
    if (input_.size() - at < frame_bytes_) break;
    ByteBuffer frame;
    if (at == 0 && input_.size() == frame_bytes_) {
      frame = std::move(input_);
      input_ = ByteBuffer();
    } else {
      frame.append(input_.data() + at, frame_bytes_);
      at += frame_bytes_;
    }
    length_bytes_ = 0;
    start_call(std::move(frame));
  }
  if (!open_) return false;
  if (at > 0) {  // what is left begins anew
    ByteBuffer rest;
    if (length_bytes_ == 4) rest.reserve(std::min(frame_bytes_, kEagerBytes));
    rest.append(input_.data() + at, input_.size() - at);
    input_ = std::move(rest);
  }
  return true;
}

void Connection::start_call(ByteBuffer frame) {
  CallPtr call;
  try {
    size_t body = 0;
    RequestHeader header;
    header.is_bare_token = next_is_bare_token();
    if (!header.is_bare_token) header = parse_request_header(frame, body);
    call = std::make_shared<Call>(std::move(header), peer_, weak_from_this(), loop_,
                                  std::move(frame), body);
  } catch (const WireError&) {
    return close("a header that cannot be read");
  }
  hold(calls_.emplace_back(InWork{call, 0}), call->size());
  dispatch_(call);
  if (!open_ || !call->is_answered()) return;
  hold(calls_.back(), call->response().bytes.size());
  if (call->throttle_ms() > 0) rest(call->throttle_ms());  // before what was read along with it
}

void Connection::hold(InWork& work, size_t bytes) {
  work.bytes += bytes;
  bytes_in_flight_ += bytes;
  limits_.all_bytes_in_flight += bytes;
}

void Connection::answered() {
  if (loop_.is_own_thread()) {
    // From within the handler that this connection has just called: it writes when it has read, so
    // that answers of pipelined requests leave together.
    if (!reading_ && open_) on_events(EPOLLOUT);
    return;
  }
  if (answer_posted_.exchange(true)) return;
  loop_.post([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->answer_posted_ = false;
    if (self->open_) self->on_events(EPOLLOUT);
  });
}

void Connection::write() {
  while (open_ && !write_blocked_ && !calls_.empty() && calls_.front().call->is_answered()) {
    Call& call = *calls_.front().call;
    if (call.hung_up()) return close(call.hung_up()->c_str());
    if (call.has_reply() && !write_some(call.response())) break;
    if (call.closes()) return close("its last answer has gone");
    last_progress_ms_ = EventLoop::now_ms();
    sent_bytes_ = sent_splices_ = sent_of_slice_ = 0;
    if (call.throttle_ms() > 0) rest(call.throttle_ms());
    const size_t bytes = calls_.front().bytes;
    bytes_in_flight_ -= bytes;
    limits_.all_bytes_in_flight -= bytes;
    calls_.pop_front();
  }
}

bool Connection::write_some(Frame& frame) {
  while (open_ && sent_bytes_ + sent_splices_ < frame.bytes.size() + frame.splices.size()) {
    const bool has_splice = sent_splices_ < frame.splices.size();
    const size_t until = has_splice ? frame.splices[sent_splices_].at : frame.bytes.size();
    IoResult result;
    if (sent_bytes_ < until) {
      iovec part{frame.bytes.data() + sent_bytes_, until - sent_bytes_};
      result = transport_->write(&part, 1, has_splice);
      if (result.state == IoState::kDone) sent_bytes_ += result.bytes;
    } else {
      FileSlice slice = frame.splices[sent_splices_].slice;
      slice.position += sent_of_slice_;
      slice.size -= sent_of_slice_;
      if (slice.size > 0) {
        result = transport_->send_file(slice);
        if (result.state == IoState::kDone) sent_of_slice_ += result.bytes;
      }
      if (slice.size == 0 || (result.state == IoState::kDone && result.bytes == slice.size)) {
        ++sent_splices_;
        sent_of_slice_ = 0;
        continue;
      }
    }
    if (result.state == IoState::kDone) {
      last_progress_ms_ = EventLoop::now_ms();
    } else if (result.state == IoState::kAgain) {
      write_blocked_ = true;
      return false;
    } else {
      close("the peer takes no more");
      return false;
    }
  }
  return open_;
}

void Connection::check_timeouts(int64_t now_ms) {
  if (!open_) return;
  const bool stalled = write_blocked_ && now_ms - last_progress_ms_ > limits_.max_stall_ms;
  const bool idle = calls_.empty() && now_ms - last_read_ms_ > limits_.max_idle_ms;
  if (stalled || idle) close(stalled ? "the peer takes nothing" : "idle");
}

}  // namespace cne::kafka
