#pragma once

#include <memory>

#include "kafka/broker_config.h"
#include "kafka/event_loop.h"
#include "kafka/loop_handle.h"
#include "kafka/producer_ids.h"
#include "kafka/transaction_coordinator.h"
#include "kafka/transaction_gate.h"
#include "kafka/transaction_log.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// The transactions of a broker: the coordinator, its log, its timers on one loop.
class BrokerTransactions {
 public:
  /// Reads __transaction_state. Throws CorruptionError. All must outlive it; what comes late after
  /// that is dropped.
  BrokerTransactions(log::TopicStore& store, ProducerIds& ids, const BrokerConfig& config,
                     EventLoop& loop);

  BrokerTransactions(const BrokerTransactions&) = delete;
  BrokerTransactions& operator=(const BrokerTransactions&) = delete;
  ~BrokerTransactions() { loop_.forget(); }

  /// Goes on with what was prepared, and looks at timeouts from now on.
  void start();

  TransactionCoordinator& coordinator() { return *coordinator_; }
  TransactionGate& gate() { return gate_; }
  TransactionLog& log() { return *log_; }

 private:
  void abort_late();
  void expire();

  const BrokerConfig& config_;
  const Clock& clock_;
  const LoopHandle loop_;
  const std::shared_ptr<TransactionLog> log_;
  const std::shared_ptr<TransactionCoordinator> coordinator_;
  TransactionGate gate_;
};

}  // namespace cne::kafka
