#include "kafka/messages/sync_group.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, SyncGroupRequest&& request) {
  broker.groups().sync_group(request, reply_to<SyncGroupResponse>(call));
}

}  // namespace cne::kafka
