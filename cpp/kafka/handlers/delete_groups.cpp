#include "kafka/messages/delete_groups.h"

#include <string>
#include <utility>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DeleteGroupsRequest&& request) {
  std::vector<DeleteGroupsResponse::Result> denied;
  std::vector<std::string> allowed;
  for (std::string& id : request.groups) {
    if (may(broker, *call, AclOperation::kDelete, id))
      allowed.push_back(std::move(id));
    else
      denied.push_back({std::move(id), ErrorCode::kGroupAuthorizationFailed});
  }
  request.groups = std::move(allowed);
  const auto answer = [call, denied](const DeleteGroupsResponse& response) {
    DeleteGroupsResponse whole = response;
    whole.results.insert(whole.results.end(), denied.begin(), denied.end());
    call->reply(whole);
  };
  broker.groups().delete_groups(request, while_open<DeleteGroupsResponse>(broker, answer));
}

}  // namespace cne::kafka
