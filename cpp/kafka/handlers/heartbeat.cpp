#include "kafka/messages/heartbeat.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, HeartbeatRequest&& request) {
  broker.groups().heartbeat(request, reply_to<HeartbeatResponse>(call));
}

}  // namespace cne::kafka
