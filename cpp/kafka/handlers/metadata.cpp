#include "kafka/messages/metadata.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using Topic = MetadataResponse::Topic;

using log::TopicStore;

Topic describe(const Broker& broker, const TopicStore::TopicInfo& info) {
  Topic topic;
  topic.name = info.name;
  topic.topic_id = Uuid{info.config->id};
  topic.is_internal = is_internal(info.name);
  const int32_t node = broker.config().node_id;
  for (size_t i = 0; i < info.partitions.size(); ++i) {
    MetadataResponse::Partition partition;
    partition.index = static_cast<int32_t>(i);
    partition.leader_id = node;
    partition.leader_epoch = kLeaderEpoch;
    partition.replica_nodes = {node};
    partition.isr_nodes = {node};
    topic.partitions.push_back(std::move(partition));
  }
  return topic;
}

/// The topic of a name, which is created when that is wanted.
Topic find_by_name(Broker& broker, const std::string& name, bool create) {
  Topic missing;
  missing.name = name;
  if (!is_topic_name(name)) {
    missing.error = ErrorCode::kInvalidTopicException;
    return missing;
  }
  auto info = broker.store().find_topic(name);
  try {
    if (!info && create && broker.create_on_demand(name)) info = broker.store().find_topic(name);
  } catch (const Error&) {
    missing.error = ErrorCode::kKafkaStorageError;
    return missing;
  }
  if (info) return describe(broker, *info);
  missing.error = ErrorCode::kUnknownTopicOrPartition;
  return missing;
}

Topic find_by_id(Broker& broker, const Uuid& id) {
  if (const auto info = broker.store().topic_by_id(id.bytes)) return describe(broker, *info);
  Topic missing;
  missing.topic_id = id;
  missing.error = ErrorCode::kUnknownTopicId;
  return missing;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, MetadataRequest&& request) {
  MetadataResponse response;
  const auto endpoint = broker.advertised(call->peer().listener);
  MetadataResponse::Broker self;
  self.node_id = broker.config().node_id;
  self.host = endpoint.host;
  self.port = endpoint.port;
  response.brokers = {self};
  response.cluster_id = broker.cluster_id();
  response.controller_id = broker.config().node_id;

  // Version 0 has no null: its empty list means all.
  const bool all = !request.topics || (call->version() == 0 && request.topics->empty());
  if (all) {
    for (const std::string& name : broker.store().topics())
      if (const auto info = broker.store().find_topic(name))
        response.topics.push_back(describe(broker, *info));
  } else {
    const bool create = request.allow_auto_topic_creation;
    for (const auto& topic : *request.topics)
      response.topics.push_back(topic.topic_id.is_zero()
                                    ? find_by_name(broker, topic.name.value_or(""), create)
                                    : find_by_id(broker, topic.topic_id));
  }
  call->reply(response);
}

}  // namespace cne::kafka
