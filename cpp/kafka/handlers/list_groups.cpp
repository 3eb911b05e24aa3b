#include "kafka/messages/list_groups.h"

#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ListGroupsRequest&& request) {
  ListGroupsResponse response = broker.groups().list_groups(request);
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_cluster()))
    std::erase_if(response.groups, [&](const ListGroupsResponse::Group& group) {
      return !may(broker, *call, AclOperation::kDescribe, group.group_id);
    });
  call->reply(response);
}

}  // namespace cne::kafka
