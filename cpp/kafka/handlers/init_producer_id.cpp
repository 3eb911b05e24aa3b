#include "kafka/messages/init_producer_id.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

/// The first version whose clients know PRODUCER_FENCED.
constexpr int16_t kKnowsFenced = 4;

void reply(const CallPtr& call, ErrorCode error, const ProducerIdentity& producer) {
  InitProducerIdResponse response;
  response.error = error;
  if (error == ErrorCode::kProducerFenced && call->version() < kKnowsFenced)
    response.error = ErrorCode::kInvalidProducerEpoch;
  response.producer_id = producer.id;
  response.producer_epoch = producer.epoch;
  call->reply(response);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, InitProducerIdRequest&& request) {
  std::optional<ProducerIdentity> expected;
  if ((request.producer_id < 0) != (request.producer_epoch < 0))
    return reply(call, ErrorCode::kInvalidRequest, {});
  const Authorizer& authorizer = broker.authorizer();
  if (request.transactional_id) {
    if (!authorizer.allows(*call, AclOperation::kWrite,
                           on_transactional_id(*request.transactional_id)))
      return reply(call, ErrorCode::kTransactionalIdAuthorizationFailed, {});
  } else if (!authorizer.allows(*call, AclOperation::kIdempotentWrite, on_cluster()) &&
             !authorizer.allows_any(*call, AclOperation::kWrite, AclResourceType::kTopic)) {
    return reply(call, ErrorCode::kClusterAuthorizationFailed, {});
  }
  if (request.producer_id >= 0) expected = {request.producer_id, request.producer_epoch};
  if (!request.transactional_id)
    return reply(call, ErrorCode::kNone, {broker.producer_ids().next(), 0});
  broker.transactions().init(
      *request.transactional_id, request.transaction_timeout_ms, expected, broker.now_ms(),
      [call](ErrorCode error, ProducerIdentity producer) { reply(call, error, producer); });
}

}  // namespace cne::kafka
