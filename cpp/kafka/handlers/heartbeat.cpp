#include "kafka/messages/heartbeat.h"

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, HeartbeatRequest&& request) {
  if (!may(broker, *call, AclOperation::kRead, request.group_id)) {
    HeartbeatResponse denied;
    denied.error = ErrorCode::kGroupAuthorizationFailed;
    return call->reply(denied);
  }
  broker.groups().heartbeat(request, reply_to<HeartbeatResponse>(broker, call));
}

}  // namespace cne::kafka
