#include "kafka/messages/describe_topic_partitions.h"

#include <algorithm>

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

constexpr int32_t kMostPartitions = 2000;  // Kafka's max.request.partition.size.limit

}  // namespace

void handle(Broker& broker, const CallPtr& call, DescribeTopicPartitionsRequest&& request) {
  DescribeTopicPartitionsResponse response;
  std::vector<std::string> names;
  for (const auto& topic : request.topics) names.push_back(topic.name);
  const bool all = names.empty();
  if (all) names = broker.store().topics();
  const auto allows = [&](AclOperation operation, const std::string& name) {
    return broker.authorizer().allows(*call, operation, on_topic(name));
  };
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  int32_t left = std::clamp(request.response_partition_limit, 1, kMostPartitions);
  const int32_t node = broker.config().node_id;
  for (const std::string& name : names) {
    if (request.cursor && name < request.cursor->name) continue;
    const bool allowed = allows(AclOperation::kDescribe, name);
    if (all && !allowed) continue;
    const int32_t first =
        request.cursor && name == request.cursor->name ? request.cursor->index : 0;
    if (left == 0) {
      response.next_cursor = {name, 0};
      break;
    }
    auto& topic = response.topics.emplace_back();
    topic.name = name;
    if (!allowed) {
      topic.error = ErrorCode::kTopicAuthorizationFailed;
      continue;
    }
    const auto info = broker.store().find_topic(name);
    if (!info) {
      topic.error = is_topic_name(name) ? ErrorCode::kUnknownTopicOrPartition
                                        : ErrorCode::kInvalidTopicException;
      continue;
    }
    topic.topic_id = Uuid{info->config->id};
    topic.is_internal = is_internal(name);
    topic.topic_authorized_operations = broker.authorizer().operations(*call, on_topic(name));
    const auto count = static_cast<int32_t>(info->partitions.size());
    for (int32_t i = std::max(first, 0); i < count && left > 0; ++i, --left) {
      auto& partition = topic.partitions.emplace_back();
      partition.index = i;
      partition.leader_id = node;
      partition.leader_epoch = kLeaderEpoch;
      partition.replica_nodes = {node};
      partition.isr_nodes = {node};
      partition.eligible_leader_replicas.emplace();
      partition.last_known_elr.emplace();
      if (left == 1 && i + 1 < count) response.next_cursor = {name, i + 1};
    }
    if (response.next_cursor) break;
  }
  call->reply(response);
}

}  // namespace cne::kafka
