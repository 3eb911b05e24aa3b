#include "kafka/messages/offset_for_leader_epoch.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetForLeaderEpochRequest&& request) {
  OffsetForLeaderEpochResponse response;
  // Brokers asked first; since KIP-320 consumers do.
  const bool of_broker =
      broker.authorizer().allows(*call, AclOperation::kClusterAction, on_cluster());
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& partition = out.partitions.emplace_back();
      partition.index = asked.index;
      const FoundPartition found =
          of_broker
              ? find_partition(broker.store(), topic.name, {}, asked.index)
              : find_partition(broker, *call, AclOperation::kDescribe, topic.name, {}, asked.index);
      partition.error = found.log ? check_leader_epoch(asked.current_leader_epoch) : found.error;
      // Every record is of the one epoch, which ends where the log does.
      if (partition.error == ErrorCode::kNone && asked.leader_epoch == kLeaderEpoch) {
        partition.leader_epoch = kLeaderEpoch;
        partition.end_offset = found.log->end_offset();
      }
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
