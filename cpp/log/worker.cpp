#include "log/worker.h"

#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cne::log {

struct Worker::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::vector<std::function<void()>> tasks;
  bool stopped = false;
  std::thread thread;
  pid_t owner = getpid();

  void run() {
    std::vector<std::function<void()>> mine;
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [&] { return stopped || !tasks.empty(); });
      if (tasks.empty()) return;
      mine.swap(tasks);
      lock.unlock();
      for (const auto& task : mine) task();
      mine.clear();
      lock.lock();
    }
  }
};

Worker::Worker() : state_(std::make_unique<State>()) {}

Worker::~Worker() { stop(); }

bool Worker::post(std::function<void()> task) {
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped) return false;
    state_->tasks.push_back(std::move(task));
    if (!state_->thread.joinable())
      state_->thread = std::thread([state = state_.get()] { state->run(); });
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
  if (state_->thread.joinable()) state_->thread.join();
}

}  // namespace cne::log
