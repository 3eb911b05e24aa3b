#include "kafka/messages/describe_quorum.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

/// A quorum of one: the broker is its own controller.
void handle(Broker& broker, const CallPtr& call, DescribeQuorumRequest&& request) {
  DescribeQuorumResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribe, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  const int32_t node = broker.config().node_id;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& partition = out.partitions.emplace_back();
      partition.index = asked.index;
      if (topic.name != kMetadataTopic || asked.index != 0) {
        partition.error = ErrorCode::kUnknownTopicOrPartition;
        continue;
      }
      partition.leader_id = node;
      partition.leader_epoch = kLeaderEpoch;
      partition.current_voters.emplace_back().replica_id = node;
    }
  }
  auto& self = response.nodes.emplace_back();
  self.node_id = node;
  const auto endpoint = broker.advertised(call->peer().listener);
  auto& listener = self.listeners.emplace_back();
  listener.name = endpoint.name;
  listener.host = endpoint.host;
  listener.port = static_cast<uint16_t>(endpoint.port);
  call->reply(response);
}

}  // namespace cne::kafka
