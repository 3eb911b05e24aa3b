#include "kafka/messages/elect_leaders.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

/// The one broker leads everything already. Asked for all partitions, Kafka names only those whose
/// leader changed: none.
void handle(Broker& broker, const CallPtr& call, ElectLeadersRequest&& request) {
  ElectLeadersResponse response;
  const bool allowed = broker.authorizer().allows(*call, AclOperation::kAlter, on_cluster());
  if (!allowed) response.error = ErrorCode::kClusterAuthorizationFailed;
  if (request.topic_partitions)
    for (const auto& topic : *request.topic_partitions) {
      auto& result = response.replica_election_results.emplace_back();
      result.name = topic.name;
      for (const int32_t index : topic.partitions) {
        auto& partition = result.partition_result.emplace_back();
        partition.partition_id = index;
        if (!allowed) {
          partition.error = ErrorCode::kClusterAuthorizationFailed;
          continue;
        }
        const FoundPartition found = find_partition(broker.store(), topic.name, {}, index);
        partition.error = found.log ? ErrorCode::kElectionNotNeeded : found.error;
        partition.error_message =
            found.log ? "the partition is led by its one replica" : "there is no such partition";
      }
    }
  call->reply(response);
}

}  // namespace cne::kafka
