#include "kafka/messages/list_groups.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ListGroupsRequest&& request) {
  call->reply(broker.groups().list_groups(request));
}

}  // namespace cne::kafka
