#include "kafka/transaction_gate.h"

#include <utility>

#include "kafka/transaction_retry.h"

namespace cne::kafka {

namespace {

/// Clients that write know other errors than those that talk to the coordinator.
ErrorCode for_writers(ErrorCode error, TransactionSupport support) {
  if (error == ErrorCode::kProducerFenced) return ErrorCode::kInvalidProducerEpoch;
  if (error == ErrorCode::kTransactionAbortable && support == TransactionSupport::kOld)
    return ErrorCode::kInvalidTxnState;
  return error;
}

TransactionPartition partition_of(const log::PartitionLog& log) {
  return {log.topic(), log.index()};
}

}  // namespace

void TransactionGate::pass(EventLoop& loop, Request request, Then then) {
  auto task = std::make_shared<Task>(Task{loop, std::move(request), std::move(then)});
  {
    const std::lock_guard lock(mutex_);
    auto& queue = queues_[task->request.producer.id];
    queue.push_back(task);
    if (queue.size() > 1) return;
  }
  run(task);
}

void TransactionGate::run(const TaskPtr& task) {
  const Request& request = task->request;
  std::vector<size_t> unknown;
  for (size_t i = 0; i < request.entries.size(); ++i) {
    Entry& entry = task->request.entries[i];
    entry.verification = entry.log->start_verification(request.producer.id, request.producer.epoch,
                                                       entry.base_sequence);
    if (entry.verification != 0) unknown.push_back(i);
  }
  if (unknown.empty()) return finish(task);
  ask(task, unknown);
}

void TransactionGate::ask(const TaskPtr& task, const std::vector<size_t>& unknown) {
  Request& request = task->request;
  TransactionPartitions partitions;
  for (const size_t i : unknown) partitions.insert(partition_of(*request.entries[i].log));
  if (request.support != TransactionSupport::kImplicit) {
    for (const auto& [partition, error] :
         coordinator_.verify(request.transactional_id, request.producer, partitions))
      for (const size_t i : unknown)
        if (partition_of(*request.entries[i].log) == partition)
          request.entries[i].error = for_writers(error, request.support);
    return finish(task);
  }
  const auto attempt = [this, task, partitions](TransactionCoordinator::Done done) {
    coordinator_.add(task->request.transactional_id, task->request.producer, partitions,
                     TransactionVersion::kEpochBump, clock_.now_ms(), std::move(done));
  };
  retry_concurrent(coordinator_, task->loop, request.transactional_id, attempt,
                   [this, task, unknown](ErrorCode error) {
                     for (const size_t i : unknown)
                       task->request.entries[i].error = for_writers(error, task->request.support);
                     if (task->loop.is_own_thread())
                       finish(task);
                     else
                       task->loop.post([this, task] { finish(task); });
                   });
}

/// On the loop's thread. A long queue must not become a deep stack, so the next one is posted.
void TransactionGate::finish(const TaskPtr& task) {
  task->then(task->request.entries);
  TaskPtr next;
  {
    const std::lock_guard lock(mutex_);
    const auto queue = queues_.find(task->request.producer.id);
    queue->second.pop_front();
    if (queue->second.empty())
      queues_.erase(queue);
    else
      next = queue->second.front();
  }
  if (next) next->loop.post([this, next] { run(next); });
}

}  // namespace cne::kafka
