#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kafka/answer_gate.h"
#include "kafka/api.h"
#include "kafka/broker_config.h"
#include "kafka/broker_metrics.h"
#include "kafka/broker_transactions.h"
#include "kafka/call.h"
#include "kafka/connection.h"
#include "kafka/dynamic_settings.h"
#include "kafka/event_loop.h"
#include "kafka/fetch_session.h"
#include "kafka/fetch_waiters.h"
#include "kafka/producer_ids.h"
#include "kafka/quota_meter.h"
#include "kafka/request_log.h"
#include "kafka/security.h"
#include "kafka/store_groups.h"
#include "log/topic_store.h"

namespace cne::kafka {

/// A feature whose level ApiVersions tells.
struct Feature {
  const char* name;
  int16_t level;
};
inline constexpr Feature kFeatures[] = {
    {"group.version", 1},  // the consumer group protocol (KIP-848)
    {"transaction.version", 2},
};

/// A broker of the Kafka protocol over a log: sockets, loops, and what its handlers share.
///
/// It uses the store, which must outlive it and is open for writing; others in the process may use
/// the store beside it. Threads: `num.network.threads` event loops; handlers run on the loop of
/// their connection. `stop` ends connections and threads; what was acknowledged stays in the store.
class Broker {
 public:
  /// Binds the listeners, reads the groups. Throws IoError, ArgumentError, CorruptionError.
  Broker(log::TopicStore& store, BrokerConfig config);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  ~Broker();

  void start();
  /// In a forked child, which has none of its threads, it does nothing.
  void stop();

  struct Endpoint {
    std::string name;
    std::string host;
    int32_t port = 0;
  };
  /// Where it listens, with the ports that it got.
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  /// What clients of a listener are told to connect to.
  Endpoint advertised(const std::string& listener) const;
  /// The same of all listeners, as the setting advertised.listeners.
  std::string advertised_text() const;

  log::TopicStore& store() { return store_; }
  const BrokerConfig& config() const { return config_; }
  const std::string& cluster_id() const { return cluster_id_; }
  FetchSessions& fetch_sessions() { return fetch_sessions_; }
  FetchWaiters& fetch_waiters() { return fetch_waiters_; }
  ProducerIds& producer_ids() { return producer_ids_; }
  GroupCoordinator& groups() { return groups_->coordinator(); }
  /// See StoreGroups.
  std::shared_ptr<log::PartitionLog> offsets_log(const std::string& group_id) {
    return groups_->log_of(group_id);
  }
  TransactionCoordinator& transactions() { return transactions_->coordinator(); }
  TransactionGate& transaction_gate() { return transactions_->gate(); }
  BrokerMetrics& metrics() { return metrics_; }
  /// For what answers from another thread than a loop's.
  const std::shared_ptr<AnswerGate>& answer_gate() const { return answer_gate_; }
  Security& security() { return security_; }
  /// What handlers ask before they do or tell anything.
  Authorizer& authorizer() { return security_.authorizer(); }
  QuotaMeter& quotas() { return quotas_; }
  RequestLog& request_log() { return request_log_; }
  /// In Prometheus' text format.
  std::string metrics_text() const;
  /// Of the store, which tests may set.
  int64_t now_ms() const;

  /// What was changed while it ran, of the brokers and groups; `apply_settings` makes it count.
  DynamicSettings& dynamic_settings() { return dynamic_settings_; }
  const DynamicSettings& dynamic_settings() const { return dynamic_settings_; }
  void apply_settings();
  /// The settings of topics that do not have their own.
  log::TopicConfig topic_defaults() const;
  /// The same, as the broker was started; `set` marks what it was told.
  const log::TopicConfig& told_topic_defaults() const { return told_topic_defaults_; }
  /// Creates a topic that a client asked for without creating it, if the settings allow it. False
  /// when there is none after it.
  bool create_on_demand(const std::string& topic);

 private:
  class Acceptor;

  void accept(Acceptor& acceptor);
  void rest(Acceptor& acceptor);
  void closed(size_t loop, Connection& connection);
  void check_timeouts(size_t loop);

  log::TopicStore& store_;
  const uint64_t forks_;
  BrokerConfig config_;  // changes in the constructor only
  log::TopicConfig told_topic_defaults_;
  DynamicSettings dynamic_settings_;
  std::mutex apply_mutex_;
  mutable std::mutex defaults_mutex_;  // guards topic_defaults_
  log::TopicConfig topic_defaults_;
  const std::vector<ListenerAddress> listeners_;
  std::string cluster_id_;
  Security security_;
  QuotaMeter quotas_;
  BrokerMetrics metrics_;
  RequestLog request_log_;
  FetchSessions fetch_sessions_;
  FetchWaiters fetch_waiters_;
  ProducerIds producer_ids_;
  ConnectionLimits limits_;
  std::vector<Endpoint> endpoints_;
  std::vector<ListenerAddress> advertised_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::shared_ptr<StoreGroups> groups_;  // which consumers of this process may have, too
  std::unique_ptr<BrokerTransactions> transactions_;  // timed by the first loop
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  // Of each loop, used on its thread only.
  std::vector<std::map<Connection*, std::shared_ptr<Connection>>> connections_;
  const std::shared_ptr<AnswerGate> answer_gate_ = std::make_shared<AnswerGate>();
  std::atomic<int64_t> open_connections_{0};
  std::atomic<uint64_t> next_connection_{1};
  size_t next_loop_ = 0;  // first loop only
  std::atomic<bool> started_{false};
  uint64_t append_listener_ = 0;
  std::mutex create_mutex_;
};

}  // namespace cne::kafka
