#include "kafka/messages/offset_commit.h"

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetCommitRequest&& request) {
  broker.groups().offset_commit(group_client(*call), request, reply_to<OffsetCommitResponse>(call));
}

}  // namespace cne::kafka
