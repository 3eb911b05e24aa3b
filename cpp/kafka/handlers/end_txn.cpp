#include "kafka/messages/end_txn.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

constexpr int16_t kKnowsFenced = 2;
constexpr int16_t kBumpsEpoch = 5;

}  // namespace

void handle(Broker& broker, const CallPtr& call, EndTxnRequest&& request) {
  if (!broker.authorizer().allows(*call, AclOperation::kWrite,
                                  on_transactional_id(request.transactional_id))) {
    EndTxnResponse denied;
    denied.error = ErrorCode::kTransactionalIdAuthorizationFailed;
    return call->reply(denied);
  }
  broker.transactions().end(
      request.transactional_id, {request.producer_id, request.producer_epoch}, request.committed,
      call->version() >= kBumpsEpoch ? TransactionVersion::kEpochBump : TransactionVersion::kOld,
      broker.now_ms(), [call](ErrorCode error, ProducerIdentity producer) {
        EndTxnResponse response;
        response.error = error;
        if (error == ErrorCode::kProducerFenced && call->version() < kKnowsFenced)
          response.error = ErrorCode::kInvalidProducerEpoch;
        response.producer_id = producer.id;
        response.producer_epoch = producer.epoch;
        call->reply(response);
      });
}

}  // namespace cne::kafka
