#include "kafka/messages/sync_group.h"

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, SyncGroupRequest&& request) {
  if (!may(broker, *call, AclOperation::kRead, request.group_id)) {
    SyncGroupResponse denied;
    denied.error = ErrorCode::kGroupAuthorizationFailed;
    return call->reply(denied);
  }
  call->allow_wait_ms(broker.config().group_max_session_timeout_ms);  // for the leader
  broker.groups().sync_group(request, reply_to<SyncGroupResponse>(broker, call));
}

}  // namespace cne::kafka
