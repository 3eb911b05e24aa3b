#include "kafka/messages/metadata.h"

#include <array>
#include <set>
#include <string>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using Topic = MetadataResponse::Topic;

using log::TopicStore;

/// What the peer asks and may ask.
struct Asker {
  Broker& broker;
  const Call& call;
  bool create;      // topics that are not there
  bool operations;  // wants to know them

  bool may(AclOperation operation, const std::string& topic) const {
    return broker.authorizer().allows(call, operation, on_topic(topic));
  }
};

Topic describe(const Asker& asker, const TopicStore::TopicInfo& info) {
  const Broker& broker = asker.broker;
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
  if (asker.operations)
    topic.authorized_operations =
        asker.broker.authorizer().operations(asker.call, on_topic(info.name));
  return topic;
}

/// The topic of a name, which is created when that is wanted.
Topic find_by_name(const Asker& asker, const std::string& name) {
  Broker& broker = asker.broker;
  Topic missing;
  missing.name = name;
  missing.error = ErrorCode::kTopicAuthorizationFailed;
  if (!asker.may(AclOperation::kDescribe, name)) return missing;
  if (!is_topic_name(name)) {
    missing.error = ErrorCode::kInvalidTopicException;
    return missing;
  }
  auto info = broker.store().find_topic(name);
  if (!info && asker.create && broker.config().auto_create_topics_enable) {
    if (!broker.authorizer().allows(asker.call, AclOperation::kCreate, on_cluster()) &&
        !asker.may(AclOperation::kCreate, name))
      return missing;
    try {
      if (broker.create_on_demand(name)) info = broker.store().find_topic(name);
    } catch (const Error&) {
      missing.error = ErrorCode::kKafkaStorageError;
      return missing;
    }
  }
  if (info) return describe(asker, *info);
  missing.error = ErrorCode::kUnknownTopicOrPartition;
  return missing;
}

Topic find_by_id(const Asker& asker, const Uuid& id) {
  const auto info = asker.broker.store().topic_by_id(id.bytes);
  if (info && asker.may(AclOperation::kDescribe, info->name)) return describe(asker, *info);
  Topic missing;
  missing.topic_id = id;
  missing.error = info ? ErrorCode::kTopicAuthorizationFailed : ErrorCode::kUnknownTopicId;
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
  const Asker asker{broker, *call, request.allow_auto_topic_creation,
                    request.include_topic_authorized_operations};
  if (all) {
    for (const std::string& name : broker.store().topics()) {
      const auto info = broker.store().find_topic(name);
      if (info && asker.may(AclOperation::kDescribe, name))
        response.topics.push_back(describe(asker, *info));
    }
  } else {
    // A topic is answered once, however often it is named, as Kafka has it.
    std::set<std::string> names;
    std::set<std::array<uint8_t, 16>> ids;
    for (const auto& topic : *request.topics) {
      const bool fresh = topic.topic_id.is_zero() ? names.insert(topic.name.value_or("")).second
                                                  : ids.insert(topic.topic_id.bytes).second;
      if (!fresh) continue;
      response.topics.push_back(topic.topic_id.is_zero()
                                    ? find_by_name(asker, topic.name.value_or(""))
                                    : find_by_id(asker, topic.topic_id));
    }
  }
  const Authorizer& authorizer = broker.authorizer();
  if (request.include_cluster_authorized_operations)
    response.cluster_authorized_operations =
        authorizer.allows(*call, AclOperation::kDescribe, on_cluster())
            ? authorizer.operations(*call, on_cluster())
            : 0;
  call->reply(response);
}

}  // namespace cne::kafka
