#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "kafka/event_loop.h"
#include "log/partition_log.h"

namespace cne::kafka {

/// Fetches that wait for records. A waiter is tried again, on its loop, when one of its partitions
/// grew, and once more when its time is over. Thread safe.
class FetchWaiters {
 public:
  /// Returns true when it is done with; `last` says that its time is over.
  using Attempt = std::function<bool(bool last)>;

  /// Call on `loop`'s thread, and there what it returns, once nobody waits for the answer any more.
  std::function<void()> wait(EventLoop& loop, int64_t timeout_ms,
                             std::vector<std::shared_ptr<log::PartitionLog>> partitions,
                             Attempt attempt);
  /// A partition has more for readers.
  void wake(const log::PartitionLog& partition);
  size_t size() const;

 private:
  struct Waiter {
    EventLoop& loop;
    std::vector<std::shared_ptr<log::PartitionLog>> partitions;
    Attempt attempt;                     // on the loop's thread only
    std::atomic<bool> scheduled{false};  // an attempt was posted
    bool done = false;                   // on the loop's thread only
  };
  using WaiterPtr = std::shared_ptr<Waiter>;

  void try_again(const WaiterPtr& waiter, bool last);
  void finish(const WaiterPtr& waiter);
  void forget(const WaiterPtr& waiter);

  mutable std::mutex mutex_;
  std::unordered_map<const log::PartitionLog*, std::vector<WaiterPtr>> by_partition_;
};

}  // namespace cne::kafka
