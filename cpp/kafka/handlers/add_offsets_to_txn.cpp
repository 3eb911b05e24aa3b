#include "kafka/messages/add_offsets_to_txn.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"
#include "kafka/transaction_retry.h"

namespace cne::kafka {

namespace {

constexpr int16_t kKnowsFenced = 2;

}  // namespace

void handle(Broker& broker, const CallPtr& call, AddOffsetsToTxnRequest&& request) {
  const Authorizer& authorizer = broker.authorizer();
  AddOffsetsToTxnResponse denied;
  if (!authorizer.allows(*call, AclOperation::kWrite,
                         on_transactional_id(request.transactional_id)))
    denied.error = ErrorCode::kTransactionalIdAuthorizationFailed;
  else if (!authorizer.allows(*call, AclOperation::kRead, on_group(request.group_id)))
    denied.error = ErrorCode::kGroupAuthorizationFailed;
  if (denied.error != ErrorCode::kNone) return call->reply(denied);
  const TransactionPartitions partitions = {
      {std::string(kOffsetsTopic), broker.groups().partition_of(request.group_id)}};
  const ProducerIdentity producer{request.producer_id, request.producer_epoch};
  const auto attempt = [&broker, partitions, producer,
                        id = request.transactional_id](TransactionCoordinator::Done done) {
    broker.transactions().add(id, producer, partitions, TransactionVersion::kOld, broker.now_ms(),
                              std::move(done));
  };
  retry_concurrent(broker.transactions(), call->loop(), request.transactional_id, attempt,
                   [call](ErrorCode error) {
                     AddOffsetsToTxnResponse response;
                     response.error = error;
                     if (error == ErrorCode::kProducerFenced && call->version() < kKnowsFenced)
                       response.error = ErrorCode::kInvalidProducerEpoch;
                     call->reply(response);
                   });
}

}  // namespace cne::kafka
