#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.h"
#include "kafka/event_loop.h"
#include "kafka/transaction_coordinator.h"
#include "log/partition_log.h"

namespace cne::kafka {

/// What a client makes of the partitions that it writes to in a transaction, by the version of its
/// request (KIP-890).
enum class TransactionSupport : uint8_t {
  kOld,        // adds partitions itself; knows kInvalidTxnState
  kAbortable,  // adds partitions itself; knows kTransactionAbortable
  kImplicit,   // its writes add the partitions
};

/// Lets batches of transactions into partitions: only those that the coordinator knows to be part
/// of an open transaction of the producer, which the implicit protocol makes them. Requests of one
/// producer go on in their order, even when one has to wait for the coordinator's record. Thread
/// safe.
class TransactionGate {
 public:
  /// One batch. For ForeignAppend: `verify` and the verification it gets here, unless `error`.
  struct Entry {
    std::shared_ptr<log::PartitionLog> log;
    int32_t base_sequence = 0;
    uint64_t verification = 0;
    ErrorCode error = ErrorCode::kNone;
  };
  struct Request {
    std::string transactional_id;
    ProducerIdentity producer;
    TransactionSupport support = TransactionSupport::kOld;
    std::vector<Entry> entries;
  };
  using Then = std::function<void(const std::vector<Entry>& entries)>;

  TransactionGate(TransactionCoordinator& coordinator, const Clock& clock)
      : coordinator_(coordinator), clock_(clock) {}

  /// Calls `then` on `loop`'s thread, which is this one: in the call when nothing has to wait.
  void pass(EventLoop& loop, Request request, Then then);

 private:
  struct Task {
    EventLoop& loop;
    Request request;
    Then then;
  };
  using TaskPtr = std::shared_ptr<Task>;

  void run(const TaskPtr& task);
  void ask(const TaskPtr& task, const std::vector<size_t>& unknown);
  void finish(const TaskPtr& task);

  TransactionCoordinator& coordinator_;
  const Clock& clock_;
  std::mutex mutex_;
  std::unordered_map<int64_t, std::deque<TaskPtr>> queues_;  // by producer; the first one runs
};

}  // namespace cne::kafka
