#include "kafka/messages/describe_groups.h"

#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"
#include "kafka/handlers/repeated.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DescribeGroupsRequest&& request) {
  DescribeGroupsResponse response;
  drop_repeated(request.groups);
  for (const std::string& id : request.groups) {
    if (!may(broker, *call, AclOperation::kDescribe, id)) {
      auto& denied = response.groups.emplace_back();
      denied.group_id = id;
      denied.error = ErrorCode::kGroupAuthorizationFailed;
      continue;
    }
    auto group = broker.groups().describe_group(id, call->version());
    if (request.include_authorized_operations && group.error == ErrorCode::kNone)
      group.authorized_operations = broker.authorizer().operations(*call, on_group(id));
    response.groups.push_back(std::move(group));
  }
  call->reply(response);
}

}  // namespace cne::kafka
