#include "log/flusher.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace cne::log {

namespace {
constexpr int64_t kLongest = int64_t{1} << 40;  // 34 years; clocks in nanoseconds hold it
}

struct Flusher::State {
  std::function<void()> flush;
  std::mutex mutex;
  std::condition_variable wake;
  bool stop = false;
  std::thread thread;
  pid_t owner = getpid();

  void run(std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex);
    // The end of each wait is fixed before the sync, so that a slow sync does not stretch the
    // interval.
    auto next = std::chrono::steady_clock::now() + interval;
    while (!wake.wait_until(lock, next, [&] { return stop; })) {
      lock.unlock();
      flush();
      lock.lock();
      next = std::max(next + interval, std::chrono::steady_clock::now());
    }
  }
};

Flusher::Flusher(int64_t interval_ms, std::function<void()> flush)
    : state_(std::make_unique<State>()) {
  state_->flush = std::move(flush);
  interval_ms = std::min(interval_ms, kLongest);
  state_->thread = std::thread(
      [state = state_.get(), interval_ms] { state->run(std::chrono::milliseconds(interval_ms)); });
}

Flusher::~Flusher() {
  if (state_->owner != getpid()) {
    // Its mutex may be held and its thread cannot be joined, for ever.
    static_cast<void>(state_.release());
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

}  // namespace cne::log
