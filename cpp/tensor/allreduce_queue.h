#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "tensor/process_group.h"

namespace cne::tensor {

/// Allreduces that a thread of its own does one after the other, while the caller computes on. All
/// ranks submit the same in the same order, and nothing else is asked of the group before `finish`.
/// For one caller at a time.
class AllreduceQueue {
 public:
  explicit AllreduceQueue(std::shared_ptr<ProcessGroup> group);
  ~AllreduceQueue();
  AllreduceQueue(const AllreduceQueue&) = delete;
  AllreduceQueue& operator=(const AllreduceQueue&) = delete;

  /// Does not wait. After a failure nothing more is done.
  void submit(std::vector<Array> arrays, RankOp op);
  /// Waits for all that was submitted: the results in that order. Throws the first failure.
  /// `on_wait` is called now and then and may throw.
  std::vector<std::vector<Array>> finish(const std::function<void()>& on_wait);
  /// Ends the thread. What it is at is finished, or fails when the group is closed first.
  void close();

 private:
  struct Job {
    std::vector<Array> arrays;
    RankOp op;
  };
  struct Worker;
  void run();

  std::shared_ptr<ProcessGroup> group_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Job> jobs_;
  size_t done_ = 0;
  std::vector<std::vector<Array>> results_;
  std::exception_ptr failure_;
  bool closing_ = false;
  std::unique_ptr<Worker> worker_;
};

}  // namespace cne::tensor
