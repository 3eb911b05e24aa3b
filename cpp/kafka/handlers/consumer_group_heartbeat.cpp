#include "kafka/messages/consumer_group_heartbeat.h"

#include <algorithm>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ConsumerGroupHeartbeatRequest&& request) {
  const auto refuse = [&](ErrorCode error) {
    ConsumerGroupHeartbeatResponse denied;
    denied.error = error;
    call->reply(denied);
  };
  if (!may(broker, *call, AclOperation::kRead, request.group_id))
    return refuse(ErrorCode::kGroupAuthorizationFailed);
  const auto is_denied = [&](const std::string& topic) {
    return !broker.authorizer().allows(*call, AclOperation::kDescribe, on_topic(topic));
  };
  if (request.topic_names &&
      std::any_of(request.topic_names->begin(), request.topic_names->end(), is_denied))
    return refuse(ErrorCode::kTopicAuthorizationFailed);
  broker.groups().consumer_heartbeat(group_client(broker, call), request,
                                     reply_to<ConsumerGroupHeartbeatResponse>(broker, call));
}

}  // namespace cne::kafka
