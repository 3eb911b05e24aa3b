#include "log/worker.h"

#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cne::log {

struct Worker::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> tasks;
  size_t idle = 0;
  bool stopped = false;
  size_t most_threads = 1;
  std::vector<std::thread> threads;
  pid_t owner = getpid();

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++idle;
      wake.wait(lock, [&] { return stopped || !tasks.empty(); });
      --idle;
      if (tasks.empty()) return;
      std::function<void()> task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }
};

Worker::Worker(size_t most_threads) : state_(std::make_unique<State>()) {
  state_->most_threads = most_threads;
}

Worker::~Worker() { stop(); }

bool Worker::post(std::function<void()> task) {
  if (!state_) return false;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped) return false;
    state_->tasks.push_back(std::move(task));
    if (state_->tasks.size() > state_->idle && state_->threads.size() < state_->most_threads)
      state_->threads.emplace_back([state = state_.get()] { state->run(); });
  }
  state_->wake.notify_one();
  return true;
}

void Worker::stop() {
  if (!state_) return;
  if (state_->owner != getpid()) {
    // Its mutex may be held and its thread cannot be joined, for ever.
    static_cast<void>(state_.release());
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
  }
  state_->wake.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
  state_->threads.clear();
}

}  // namespace cne::log
