#include "kafka/messages/alter_partition_reassignments.h"

#include <algorithm>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using Partition = AlterPartitionReassignmentsRequest::Topic::Partition;
using Outcome = AlterPartitionReassignmentsResponse::Result::Partition;

void fail(Outcome& outcome, ErrorCode error, std::string why) {
  outcome.error = error;
  outcome.error_message = std::move(why);
}

/// A partition may be assigned to where it is.
void reassign(Broker& broker, const std::string& topic, const Partition& wanted, Outcome& outcome) {
  const int32_t node = broker.config().node_id;
  if (const auto found = find_partition(broker.store(), topic, {}, wanted.index); !found.log)
    return fail(outcome, found.error, "there is no such partition");
  if (!wanted.replicas)
    return fail(outcome, ErrorCode::kNoReassignmentInProgress, "there is nothing to cancel");
  const auto& replicas = *wanted.replicas;
  if (replicas != std::vector<int32_t>{node})
    fail(outcome, ErrorCode::kInvalidReplicationAssignment,
         message("expected the one replica on the one broker, ", node));
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, AlterPartitionReassignmentsRequest&& request) {
  AlterPartitionReassignmentsResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kAlter, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  for (const auto& topic : request.topics) {
    auto& result = response.responses.emplace_back();
    result.name = topic.name;
    for (const Partition& wanted : topic.partitions) {
      Outcome& outcome = result.partitions.emplace_back();
      outcome.index = wanted.index;
      reassign(broker, topic.name, wanted, outcome);
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
