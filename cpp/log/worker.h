#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace cne::log {

/// Threads that do tasks, begun in the order in which they were posted; each is started when all
/// others are busy. Tasks must not throw. In a forked child the threads do not exist: there nothing
/// is waited for.
class Worker {
 public:
  explicit Worker(size_t most_threads = 1);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// As `stop`.
  ~Worker();

  /// Does nothing after `stop`; returns whether the task will be done.
  bool post(std::function<void()> task);
  /// Returns when every task that was posted is done.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cne::log
