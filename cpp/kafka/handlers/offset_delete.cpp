#include "kafka/messages/offset_delete.h"

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetDeleteRequest&& request) {
  if (!may(broker, *call, AclOperation::kDelete, request.group_id)) {
    OffsetDeleteResponse response;
    response.error = ErrorCode::kGroupAuthorizationFailed;
    return call->reply(response);
  }
  const auto denied =
      take_denied<OffsetDeleteResponse::Topic>(broker, *call, AclOperation::kRead, request.topics);
  if (request.topics.empty()) {  // whether there is such a group is not asked then, as in Kafka
    OffsetDeleteResponse response;
    response.topics = denied;
    return call->reply(response);
  }
  const auto answer = [call, denied](const OffsetDeleteResponse& response) {
    OffsetDeleteResponse whole = response;
    if (whole.error == ErrorCode::kNone) append_denied(whole.topics, denied);
    call->reply(whole);
  };
  broker.groups().offset_delete(request, while_open<OffsetDeleteResponse>(broker, answer));
}

}  // namespace cne::kafka
