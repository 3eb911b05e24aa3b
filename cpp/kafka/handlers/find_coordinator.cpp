#include "kafka/messages/find_coordinator.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

using Coordinator = FindCoordinatorResponse::Coordinator;

/// Of groups and transactions it is this broker; there are no share groups.
Coordinator coordinator_of(Broker& broker, const CallPtr& call, const std::string& key,
                           int8_t type) {
  Coordinator out;
  out.key = key;
  if (type != FindCoordinatorRequest::kGroup && type != FindCoordinatorRequest::kTransaction) {
    out.error = ErrorCode::kInvalidRequest;
    out.error_message = "there are coordinators of groups (0) and transactions (1)";
    return out;
  }
  const bool of_group = type == FindCoordinatorRequest::kGroup;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe,
                                  of_group ? on_group(key) : on_transactional_id(key))) {
    out.error = of_group ? ErrorCode::kGroupAuthorizationFailed
                         : ErrorCode::kTransactionalIdAuthorizationFailed;
    return out;
  }
  const Broker::Endpoint endpoint = broker.advertised(call->peer().listener);
  out.node_id = broker.config().node_id;
  out.host = endpoint.host;
  out.port = endpoint.port;
  return out;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, FindCoordinatorRequest&& request) {
  FindCoordinatorResponse response;
  if (call->version() >= 4) {
    for (const std::string& key : request.keys)
      response.coordinators.push_back(coordinator_of(broker, call, key, request.key_type));
  } else {
    const Coordinator one = coordinator_of(broker, call, request.key, request.key_type);
    response.error = one.error;
    response.error_message = one.error_message;
    response.node_id = one.node_id;
    response.host = one.host;
    response.port = one.port;
  }
  call->reply(response);
}

}  // namespace cne::kafka
