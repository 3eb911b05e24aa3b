#include "log/sender.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "core/error.h"
#include "log/sender_state.h"

namespace cne::log {

namespace {

/// Longer ones are for ever.
constexpr int64_t kLongestLingerMs = int64_t{1} << 31;

size_t size_of(Bytes bytes) { return bytes.is_null() ? 0 : static_cast<size_t>(bytes.size); }

/// With the longest framing that a record can have.
size_t most_bytes(const Outgoing& record) {
  constexpr size_t kFraming = 36;
  return size_of(record.key) + size_of(record.value) + record.headers.size() + kFraming;
}

}  // namespace

uint64_t Sender::Delivery::batch() const { return batch_->number; }

bool Sender::Delivery::done() const {
  const auto lock = state_->lock_if_mine();
  return batch_->stage == Batch::Stage::kDone;
}

bool Sender::Delivery::wait(int64_t timeout_ms) const {
  if (done()) return true;
  if (state_->forks != fork_count())
    throw StateError("result: the record was sent before a fork of the process");
  std::unique_lock lock(state_->mutex);
  if (batch_->stage == Batch::Stage::kOpen) state_->enqueue(batch_);
  return state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                                  [&] { return batch_->stage == Batch::Stage::kDone; });
}

AppendFault Sender::Delivery::fault() const { return batch_->fault; }
const std::string& Sender::Delivery::why() const { return batch_->why; }
int32_t Sender::Delivery::partition() const { return batch_->partition; }
int64_t Sender::Delivery::offset() const { return batch_->first_offset + index_; }

bool Sender::Delivery::watch() const {
  const auto lock = state_->lock_if_mine();
  if (batch_->stage == Batch::Stage::kDone) return false;
  return batch_->watched = true;
}

struct Sender::Thread {
  std::thread thread;
};

Sender::Sender(TopicStore& store, SenderOptions options) {
  if (options.linger_ms < 0 || options.batch_bytes < 1 || options.buffer_bytes < 1)
    throw ArgumentError(message("producer: expected linger_ms of at least 0, batch_bytes and ",
                                "buffer_bytes of at least 1, got ", options.linger_ms, ", ",
                                options.batch_bytes, " and ", options.buffer_bytes));
  if (store.options().read_only)
    throw StateError(message("producer: the log \"", store.path(), "\" is open for reading only"));
  if (options.compression != Codec::kNone) {
    ByteBuffer probe;
    compress(options.compression, nullptr, 0, probe);  // throws where this build lacks it
  }
  options.linger_ms = std::min(options.linger_ms, kLongestLingerMs);
  state_ = std::make_shared<State>(store, options);
  thread_ = std::make_unique<Thread>();
  thread_->thread = std::thread([state = state_.get()] { state->run(); });
}

Sender::~Sender() {
  if (state_->forks != fork_count()) {
    // Its mutexes may be held, for ever, and its thread cannot be joined.
    static_cast<void>(std::make_unique<decltype(state_)>(std::move(state_)).release());
    static_cast<void>(thread_.release());
    return;
  }
  close();
}

void Sender::check_fork(const char* function) const {
  if (state_->forks != fork_count())
    throw StateError(message(function, ": the producer was made before a fork of the process; ",
                             "make another one in this one"));
}

std::optional<Sender::Delivery> Sender::send(const std::string& topic, const Outgoing& record) {
  check_fork("send");
  if (record.timestamp_ms && *record.timestamp_ms < 0)
    throw ArgumentError(
        message("send: expected a timestamp of at least 0, got ", *record.timestamp_ms));
  const size_t size = most_bytes(record);
  if (size > kMaxBatchSize / 2)
    throw ArgumentError(
        message("send: a record has ", size, " bytes, expected at most ", kMaxBatchSize / 2));
  State& state = *state_;
  const std::lock_guard lock(state.mutex);
  if (state.closing) throw StateError("send: the producer is closed");
  if (!state.has_room(size)) {
    state.hurry();
    return std::nullopt;
  }
  Delivery out;
  out.batch_ = state.batch_for(state.find(topic), record, size);
  out.state_ = state_;
  Batch& batch = *out.batch_;
  const int64_t timestamp =
      record.timestamp_ms ? *record.timestamp_ms : state.store.options().clock->now_ms();
  batch.encoder.add(timestamp, record.key, record.value, record.headers);
  batch.size += size;
  state.buffered += size;
  out.index_ = batch.count++;
  return out;
}

bool Sender::wait_for_room(int64_t timeout_ms) {
  check_fork("send");
  std::unique_lock lock(state_->mutex);
  // Not at once: a thread that is woken for every batch sends no faster.
  return state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] {
    return state_->closing || state_->buffered <= state_->options.buffer_bytes / 2;
  });
}

uint64_t Sender::flush() {
  check_fork("flush");
  const std::lock_guard lock(state_->mutex);
  state_->hurry();
  return state_->next_number;
}

int64_t Sender::wait_flushed(uint64_t mark, int64_t timeout_ms) {
  check_fork("flush");
  std::unique_lock lock(state_->mutex);
  const auto& unfinished = state_->unfinished;
  state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                           [&] { return unfinished.empty() || unfinished.begin()->first >= mark; });
  int64_t left = 0;
  for (const auto& [number, batch] : unfinished)
    if (number < mark) left += batch->count;
  return left;
}

std::vector<uint64_t> Sender::wait_watched(int64_t timeout_ms) {
  check_fork("callbacks");
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                           [&] { return state_->stopped || !state_->told.empty(); });
  return std::exchange(state_->told, {});
}

void Sender::close() {
  if (state_->forks != fork_count()) return;
  std::unique_ptr<Thread> thread;
  {
    std::unique_lock lock(state_->mutex);
    state_->closing = true;
    state_->hurry();
    state_->changed.notify_all();
    state_->changed.wait(lock, [&] { return state_->unfinished.empty(); });
    state_->stopped = true;
    thread.swap(thread_);
    state_->topics.clear();
    state_->last = nullptr;
  }
  state_->work.notify_all();
  state_->changed.notify_all();
  if (thread) thread->thread.join();
}

bool Sender::closed() const {
  const auto lock = state_->lock_if_mine();
  return state_->closing;
}

int64_t Sender::sent() const {
  const auto lock = state_->lock_if_mine();
  return state_->sent;
}

int64_t Sender::failed() const {
  const auto lock = state_->lock_if_mine();
  return state_->failed;
}

}  // namespace cne::log
