#include "kafka/messages/offset_delete.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetDeleteRequest&& request) {
  broker.groups().offset_delete(request, reply_to<OffsetDeleteResponse>(call));
}

}  // namespace cne::kafka
