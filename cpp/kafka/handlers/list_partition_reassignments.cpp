#include "kafka/messages/list_partition_reassignments.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// With one broker nothing is ever on its way to another.
void handle(Broker& broker, const CallPtr& call, ListPartitionReassignmentsRequest&&) {
  ListPartitionReassignmentsResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_cluster()))
    response.error = ErrorCode::kClusterAuthorizationFailed;
  call->reply(response);
}

}  // namespace cne::kafka
