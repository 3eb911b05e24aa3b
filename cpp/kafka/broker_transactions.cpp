#include "kafka/broker_transactions.h"

namespace cne::kafka {

BrokerTransactions::BrokerTransactions(log::TopicStore& store, ProducerIds& ids,
                                       const BrokerConfig& config, EventLoop& loop)
    : config_(config),
      clock_(*store.options().clock),
      loop_(loop),
      log_(std::make_shared<TransactionLog>(store, ids, config.transaction_state_log_num_partitions,
                                            loop_)),
      coordinator_(std::make_shared<TransactionCoordinator>(
          log_, TransactionCoordinator::Config{config.transaction_max_timeout_ms,
                                               config.transactional_id_expiration_ms})),
      gate_(*coordinator_, clock_) {
  log_->read([this](std::string_view key, const std::optional<std::string_view>& value) {
    coordinator_->restore(key, value);
  });
}

void BrokerTransactions::start() {
  coordinator_->resume(clock_.now_ms());
  loop_.post([this] {
    abort_late();
    expire();
  });
}

void BrokerTransactions::abort_late() {
  coordinator_->tick(clock_.now_ms());
  loop_.after(config_.transaction_abort_check_interval_ms, [this] { abort_late(); });
}

void BrokerTransactions::expire() {
  coordinator_->expire(clock_.now_ms());
  loop_.after(config_.transactional_id_check_interval_ms, [this] { expire(); });
}

}  // namespace cne::kafka
