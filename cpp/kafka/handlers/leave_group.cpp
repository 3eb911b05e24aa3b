#include "kafka/messages/leave_group.h"

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, LeaveGroupRequest&& request) {
  if (!may(broker, *call, AclOperation::kRead, request.group_id)) {
    LeaveGroupResponse denied;
    denied.error = ErrorCode::kGroupAuthorizationFailed;
    return call->reply(denied);
  }
  const bool single = call->version() < 3;
  if (single) request.members.push_back({request.member_id, std::nullopt, std::nullopt});
  const auto answer = [call, single](const LeaveGroupResponse& response) {
    if (!single || response.members.empty()) return call->reply(response);
    // The error of the one member is that of the request.
    LeaveGroupResponse of_one = response;
    of_one.error = response.members[0].error;
    call->reply(of_one);
  };
  broker.groups().leave_group(request, while_open<LeaveGroupResponse>(broker, answer));
}

}  // namespace cne::kafka
