#pragma once

#include <functional>
#include <memory>

namespace cne::log {

/// A thread that does one task after the other; it is started by the first one. Tasks must not
/// throw. In a forked child the thread does not exist: there nothing is waited for.
class Worker {
 public:
  Worker();
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
