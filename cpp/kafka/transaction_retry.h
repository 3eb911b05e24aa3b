#pragma once

#include <functional>
#include <string>

#include "kafka/error_code.h"
#include "kafka/event_loop.h"
#include "kafka/transaction_coordinator.h"

namespace cne::kafka {

/// How long a request waits for a transaction that is about to be over before its client is told to
/// try again (Kafka's add.partitions.to.txn.retry.backoff.max.ms).
constexpr int64_t kConcurrentWaitMs = 100;

/// Runs `attempt` on this thread, and again on `loop` as long as it answers
/// kConcurrentTransactions, for kConcurrentWaitMs at most; then `done` with its last answer, on any
/// thread. It spares the client of a fast succession of transactions a round trip and a pause.
void retry_concurrent(TransactionCoordinator& coordinator, EventLoop& loop, const std::string& id,
                      std::function<void(TransactionCoordinator::Done)> attempt,
                      TransactionCoordinator::Done done);

}  // namespace cne::kafka
