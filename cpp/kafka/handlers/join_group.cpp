#include "kafka/messages/join_group.h"

#include <algorithm>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, JoinGroupRequest&& request) {
  if (!may(broker, *call, AclOperation::kRead, request.group_id)) {
    JoinGroupResponse denied;
    denied.error = ErrorCode::kGroupAuthorizationFailed;
    return call->reply(denied);
  }
  call->allow_wait_ms(std::max(request.session_timeout_ms, request.rebalance_timeout_ms));
  broker.groups().join_group(group_client(broker, call), request,
                             reply_to<JoinGroupResponse>(broker, call));
}

}  // namespace cne::kafka
