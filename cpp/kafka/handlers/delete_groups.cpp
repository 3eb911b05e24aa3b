#include "kafka/messages/delete_groups.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DeleteGroupsRequest&& request) {
  broker.groups().delete_groups(request, reply_to<DeleteGroupsResponse>(call));
}

}  // namespace cne::kafka
