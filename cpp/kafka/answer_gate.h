#pragma once

#include <mutex>
#include <shared_mutex>

namespace cne::kafka {

/// Between a broker and what the log calls late, on a thread of its own: the log may outlive the
/// broker, with its loops and its counters. Held by both. Thread safe.
class AnswerGate {
 public:
  /// Runs `task` unless the gate is shut.
  template <typename Task>
  void pass(const Task& task) {
    const std::shared_lock lock(mutex_);
    if (open_) task();
  }
  /// When it returns no task runs, and none will.
  void shut() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }

 private:
  std::shared_mutex mutex_;
  bool open_ = true;
};

}  // namespace cne::kafka
