// The second half of transaction_coordinator.h: from a prepared transaction to a complete one.
#include "kafka/transaction_coordinator.h"

namespace cne::kafka {

void TransactionCoordinator::prepare(const std::string& id, const EntryPtr& entry, Transaction next,
                                     int64_t now_ms, Done done) {
  TransactionPartitions partitions = next.partitions;
  write(id, entry, std::move(next),
        [this, id, entry, now_ms, partitions = std::move(partitions),
         done = std::move(done)](bool ok) {
          if (!ok) return done(ErrorCode::kCoordinatorNotAvailable);
          {
            const std::lock_guard lock(mutex_);
            entry->unmarked = partitions;
          }
          // The decision is safe: the client need not wait for the markers. They go first all the
          // same, as it can see its records at once when they need no sync.
          write_markers(id, entry, now_ms);
          done(ErrorCode::kNone);
        });
}

void TransactionCoordinator::write_markers(const std::string& id, const EntryPtr& entry,
                                           int64_t now_ms) {
  TransactionPartitions partitions;
  TransactionMarker marker;
  {
    const std::lock_guard lock(mutex_);
    partitions.swap(entry->unmarked);
    marker.producer = {entry->value.producer_id, entry->value.epoch};
    marker.commit = entry->value.state == TransactionState::kPrepareCommit;
    entry->on_the_way = partitions.size() + 1;  // one is this function
  }
  // Whoever is the last one goes on; what failed is left to the next tick.
  const auto one_less = [self = shared_from_this(), id, entry,
                         now_ms](const TransactionPartition* failed) {
    {
      const std::lock_guard lock(self->mutex_);
      if (failed != nullptr) entry->unmarked.insert(*failed);
      if (--entry->on_the_way > 0 || !entry->unmarked.empty()) return;
    }
    self->complete(id, entry, now_ms);
  };
  for (const TransactionPartition& each : partitions)
    backend_->write_marker(each, marker,
                           [each, one_less](bool ok) { one_less(ok ? nullptr : &each); });
  one_less(nullptr);
}

void TransactionCoordinator::complete(const std::string& id, const EntryPtr& entry,
                                      int64_t now_ms) {
  Transaction next;
  {
    const std::lock_guard lock(mutex_);
    next = complete_step(entry->value, now_ms);
    entry->pending = next.state;
  }
  write(id, entry, std::move(next), [this, entry](bool ok) {
    if (ok) return;
    const std::lock_guard lock(mutex_);
    entry->unfinished = true;
  });
}

}  // namespace cne::kafka
