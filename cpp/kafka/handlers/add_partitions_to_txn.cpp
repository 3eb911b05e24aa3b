#include "kafka/messages/add_partitions_to_txn.h"

#include <atomic>
#include <memory>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"
#include "kafka/transaction_retry.h"

namespace cne::kafka {

namespace {

constexpr int16_t kKnowsFenced = 2;
constexpr int16_t kBatched = 4;  // the first version of brokers, which ask for several transactions

using Asked = AddPartitionsToTxnRequest::Transaction;
using Answered = AddPartitionsToTxnResponse::Transaction;

struct Pending {
  CallPtr call;
  AddPartitionsToTxnResponse response;
  std::atomic<size_t> left{1};  // one is the handler's own

  void done() {
    if (left.fetch_sub(1) != 1) return;
    if (call->version() < kBatched) {
      for (Answered::Topic& topic : response.transactions.front().topics) {
        auto& out = response.v3_and_below_topics.emplace_back();
        out.name = topic.name;
        for (const auto& partition : topic.partitions)
          out.partitions.push_back({partition.index, partition.error});
      }
    }
    call->reply(response);
  }
};

/// A client needs the right to write to what it adds, which is never the broker's own. A broker
/// asks for clients whose rights it has seen.
ErrorCode check(Broker& broker, const Call& call, const std::string& topic, int32_t index) {
  if (call.version() >= kBatched) return find_partition(broker.store(), topic, {}, index).error;
  if (is_internal(topic)) return ErrorCode::kTopicAuthorizationFailed;
  return find_partition(broker, call, AclOperation::kWrite, topic, {}, index).error;
}

/// The partitions, and the answer for each of them. False: one cannot be added, so none is.
bool look_up(Broker& broker, const Call& call, const Asked& asked,
             TransactionPartitions& partitions, Answered& answered) {
  bool good = true;
  for (const auto& topic : asked.topics) {
    auto& out = answered.topics.emplace_back();
    out.name = topic.name;
    for (const int32_t index : topic.partitions) {
      const ErrorCode error = check(broker, call, topic.name, index);
      out.partitions.push_back({index, error});
      good = good && error == ErrorCode::kNone;
      partitions.insert({topic.name, index});
    }
  }
  if (good) return true;
  for (auto& topic : answered.topics)
    for (auto& partition : topic.partitions)
      if (partition.error == ErrorCode::kNone) partition.error = ErrorCode::kOperationNotAttempted;
  return false;
}

void set_all(Answered& answered, ErrorCode error) {
  for (auto& topic : answered.topics)
    for (auto& partition : topic.partitions) partition.error = error;
}

void add(Broker& broker, const std::shared_ptr<Pending>& pending, const Asked& asked,
         Answered& answered) {
  const int16_t version = pending->call->version();
  answered.transactional_id = asked.transactional_id;
  TransactionPartitions partitions;
  const bool good = look_up(broker, *pending->call, asked, partitions, answered);
  if (version < kBatched &&
      !broker.authorizer().allows(*pending->call, AclOperation::kWrite,
                                  on_transactional_id(asked.transactional_id)))
    return set_all(answered, ErrorCode::kTransactionalIdAuthorizationFailed);
  if (!good) return;
  const ProducerIdentity producer{asked.producer_id, asked.producer_epoch};
  if (asked.verify_only) {
    const auto verified =
        broker.transactions().verify(asked.transactional_id, producer, partitions);
    for (auto& topic : answered.topics)
      for (auto& partition : topic.partitions)
        for (const auto& [which, error] : verified)
          if (which.topic == topic.name && which.index == partition.index) partition.error = error;
    return;
  }
  ++pending->left;
  const auto attempt = [&broker, asked, partitions, producer,
                        version](TransactionCoordinator::Done done) {
    broker.transactions().add(
        asked.transactional_id, producer, partitions,
        version >= kBatched ? TransactionVersion::kEpochBump : TransactionVersion::kOld,
        broker.now_ms(), std::move(done));
  };
  retry_concurrent(broker.transactions(), pending->call->loop(), asked.transactional_id, attempt,
                   [pending, &answered, version](ErrorCode error) {
                     if (error == ErrorCode::kProducerFenced && version < kKnowsFenced)
                       error = ErrorCode::kInvalidProducerEpoch;
                     set_all(answered, error);
                     pending->done();
                   });
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, AddPartitionsToTxnRequest&& request) {
  if (call->version() >= kBatched) {
    if (!broker.authorizer().allows(*call, AclOperation::kClusterAction, on_cluster())) {
      AddPartitionsToTxnResponse denied;
      denied.error = ErrorCode::kClusterAuthorizationFailed;
      return call->reply(denied);
    }
  } else {
    Asked& only = request.transactions.emplace_back();
    only.transactional_id = request.v3_and_below_transactional_id;
    only.producer_id = request.v3_and_below_producer_id;
    only.producer_epoch = request.v3_and_below_producer_epoch;
    for (auto& topic : request.v3_and_below_topics)
      only.topics.push_back({std::move(topic.name), std::move(topic.partitions)});
  }
  auto pending = std::make_shared<Pending>();
  pending->call = call;
  // The answers stay where they are: what waits points at them.
  pending->response.transactions.resize(request.transactions.size());
  for (size_t i = 0; i < request.transactions.size(); ++i)
    add(broker, pending, request.transactions[i], pending->response.transactions[i]);
  pending->done();
}

}  // namespace cne::kafka
