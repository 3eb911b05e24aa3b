#include "kafka/messages/consumer_group_heartbeat.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ConsumerGroupHeartbeatRequest&& request) {
  broker.groups().consumer_heartbeat(group_client(*call), request,
                                     reply_to<ConsumerGroupHeartbeatResponse>(call));
}

}  // namespace cne::kafka
