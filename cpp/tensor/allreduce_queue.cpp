#include "tensor/allreduce_queue.h"

#include <chrono>
#include <thread>
#include <utility>

#include "core/error.h"

namespace cne::tensor {

struct AllreduceQueue::Worker {
  std::thread thread;
};

AllreduceQueue::AllreduceQueue(std::shared_ptr<ProcessGroup> group) : group_(std::move(group)) {}

AllreduceQueue::~AllreduceQueue() { close(); }

void AllreduceQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  if (worker_ && worker_->thread.joinable()) worker_->thread.join();
}

void AllreduceQueue::submit(std::vector<Array> arrays, RankOp op) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_) throw StateError("allreduce: the group is closed");
    jobs_.push_back({std::move(arrays), op});
    results_.emplace_back();
  }
  changed_.notify_all();
  if (!worker_) worker_ = std::make_unique<Worker>(Worker{std::thread([this] { run(); })});
}

void AllreduceQueue::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return closing_ || done_ < jobs_.size(); });
    if (closing_) return;
    const size_t at = done_;
    Job job = std::move(jobs_[at]);
    const bool skip = failure_ != nullptr;
    lock.unlock();
    std::vector<Array> result;
    std::exception_ptr failure;
    try {
      if (!skip) result = group_->allreduce(job.arrays, job.op);
    } catch (...) {
      failure = std::current_exception();
    }
    job = {};  // without the lock: the owners of arrays may wait for another one
    lock.lock();
    if (failure && !failure_) failure_ = failure;
    results_[at] = std::move(result);
    done_ = at + 1;
    changed_.notify_all();
  }
}

std::vector<std::vector<Array>> AllreduceQueue::finish(const std::function<void()>& on_wait) {
  std::unique_lock lock(mutex_);
  const auto is_done = [this] { return closing_ || done_ == jobs_.size(); };
  while (!changed_.wait_for(lock, std::chrono::milliseconds(100), is_done)) {
    if (!on_wait) continue;
    lock.unlock();
    on_wait();
    lock.lock();
  }
  if (done_ < jobs_.size()) throw StateError("allreduce: the group is closed");
  jobs_.clear();
  done_ = 0;
  std::vector<std::vector<Array>> out = std::exchange(results_, {});
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr))
    std::rethrow_exception(failure);
  return out;
}

}  // namespace cne::tensor
