#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "log/file_pool.h"
#include "log/options.h"
#include "log/worker.h"

namespace cne::log {

class PartitionLog;

/// What all partitions of a store share; it lives as long as any of them.
struct LogContext {
  using Listener = std::function<void(PartitionLog&)>;

  explicit LogContext(const LogOptions& with)
      : options(with), files(std::make_shared<FilePool>()) {}

  const LogOptions options;
  const std::shared_ptr<FilePool> files;
  Worker committer;  // syncs what waits, and tells who waits

  void set_listener(Listener listener) {
    auto next = listener ? std::make_shared<const Listener>(std::move(listener)) : nullptr;
    const std::lock_guard lock(mutex_);
    listener_.swap(next);
  }
  /// Called without locks after readers can see more of a partition.
  void tell(PartitionLog& partition) {
    std::shared_ptr<const Listener> listener;
    {
      const std::lock_guard lock(mutex_);
      listener = listener_;
    }
    if (listener) (*listener)(partition);
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const Listener> listener_;
};

}  // namespace cne::log
