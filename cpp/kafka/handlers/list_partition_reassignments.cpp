#include "kafka/messages/list_partition_reassignments.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// With one broker nothing is ever on its way to another.
void handle(Broker&, const CallPtr& call, ListPartitionReassignmentsRequest&&) {
  call->reply(ListPartitionReassignmentsResponse());
}

}  // namespace cne::kafka
