#include "kafka/fetch_waiters.h"

#include <algorithm>
#include <utility>

namespace cne::kafka {

std::function<void()> FetchWaiters::wait(EventLoop& loop, int64_t timeout_ms,
                                         std::vector<std::shared_ptr<log::PartitionLog>> partitions,
                                         Attempt attempt) {
  auto waiter = std::make_shared<Waiter>(loop, std::move(partitions), std::move(attempt));
  {
    const std::lock_guard lock(mutex_);
    for (const auto& partition : waiter->partitions)
      by_partition_[partition.get()].push_back(waiter);
  }
  loop.after(timeout_ms, [this, weak = std::weak_ptr(waiter)] {
    if (const auto kept = weak.lock()) try_again(kept, true);
  });
  // What came before the waiter was known woke nobody.
  try_again(waiter, timeout_ms <= 0);
  return [this, weak = std::weak_ptr(waiter)] {
    if (const auto kept = weak.lock(); kept && !kept->done) finish(kept);
  };
}

void FetchWaiters::wake(const log::PartitionLog& partition) {
  std::vector<WaiterPtr> found;
  {
    const std::lock_guard lock(mutex_);
    const auto at = by_partition_.find(&partition);
    if (at == by_partition_.end()) return;
    for (const WaiterPtr& waiter : at->second)
      if (!waiter->scheduled.exchange(true)) found.push_back(waiter);
  }
  for (WaiterPtr& waiter : found) {
    EventLoop& loop = waiter->loop;
    loop.post([this, kept = std::move(waiter)] { try_again(kept, false); });
  }
}

void FetchWaiters::try_again(const WaiterPtr& waiter, bool last) {
  // Before the attempt: what grows during it posts another one.
  waiter->scheduled = false;
  if (!waiter->done && waiter->attempt(last)) finish(waiter);
}

void FetchWaiters::finish(const WaiterPtr& waiter) {
  waiter->done = true;
  forget(waiter);
  waiter->attempt = nullptr;
}

void FetchWaiters::forget(const WaiterPtr& waiter) {
  const std::lock_guard lock(mutex_);
  for (const auto& partition : waiter->partitions) {
    const auto at = by_partition_.find(partition.get());
    if (at == by_partition_.end()) continue;
    std::erase(at->second, waiter);
    if (at->second.empty()) by_partition_.erase(at);
  }
}

size_t FetchWaiters::size() const {
  const std::lock_guard lock(mutex_);
  return by_partition_.size();
}

}  // namespace cne::kafka
