#include "kafka/messages/create_topics.h"

#include <map>
#include <set>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/config_source.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

using Response = CreateTopicsResponse::Topic;

void fail(Response& response, ErrorCode error, std::string why) {
  response.error = error;
  response.error_message = std::move(why);
}

/// How many partitions an assignment by hand names; 0 when it is none for one broker.
int32_t assigned(const Broker& broker, const CreateTopicsRequest::Topic& topic) {
  std::set<int32_t> indexes;
  for (const auto& assignment : topic.assignments) {
    if (assignment.broker_ids != std::vector<int32_t>{broker.config().node_id}) return 0;
    indexes.insert(assignment.partition_index);
  }
  const auto count = static_cast<int32_t>(indexes.size());
  const bool dense = !indexes.empty() && *indexes.begin() == 0 && *indexes.rbegin() == count - 1 &&
                     topic.assignments.size() == indexes.size();
  return dense ? count : 0;
}

void create(Broker& broker, const Call& call, const CreateTopicsRequest::Topic& topic,
            bool validate_only, Response& response) {
  const Authorizer& authorizer = broker.authorizer();
  if (topic.name == kMetadataTopic)
    return fail(response, ErrorCode::kInvalidRequest,
                message("creation of internal topic \"", topic.name, "\" is prohibited"));
  if (!authorizer.allows(call, AclOperation::kCreate, on_cluster()) &&
      !authorizer.allows(call, AclOperation::kCreate, on_topic(topic.name)))
    return fail(response, ErrorCode::kTopicAuthorizationFailed, "the topic may not be created");
  if (!is_topic_name(topic.name))
    return fail(response, ErrorCode::kInvalidTopicException,
                message("\"", topic.name,
                        "\" is no name of a topic: 1 to 249 letters, digits, "
                        "'.', '_' and '-'"));
  if (broker.store().find_topic(topic.name))
    return fail(response, ErrorCode::kTopicAlreadyExists,
                message("topic \"", topic.name, "\" already exists"));
  if (is_internal(topic.name))
    return fail(response, ErrorCode::kInvalidTopicException, "the topic is the broker's own");
  int32_t partitions = topic.num_partitions;
  if (!topic.assignments.empty()) {
    if (topic.num_partitions != -1 || topic.replication_factor != -1)
      return fail(response, ErrorCode::kInvalidRequest,
                  "expected an assignment or numbers of partitions and replicas, got both");
    partitions = assigned(broker, topic);
    if (partitions == 0)
      return fail(response, ErrorCode::kInvalidReplicationAssignment,
                  "expected every partition from 0 on to be assigned to this one broker");
  } else if (topic.replication_factor != -1 && topic.replication_factor != 1) {
    return fail(response, ErrorCode::kInvalidReplicationFactor,
                message("expected a replication factor of 1, as there is one broker, got ",
                        topic.replication_factor));
  }
  if (partitions == -1) partitions = broker.config().num_partitions;
  if (partitions < 1 || partitions > kMaxPartitions)
    return fail(response, ErrorCode::kInvalidPartitions,
                message("expected 1 to ", kMaxPartitions, " partitions, got ", partitions));
  log::TopicConfig config;
  config.partitions = partitions;
  try {
    for (const auto& given : topic.configs)
      if (given.value) log::set_setting(config, given.name, *given.value, "create_topics");
  } catch (const ArgumentError& wrong) {
    return fail(response, ErrorCode::kInvalidConfig, wrong.what());
  }
  if (!validate_only) {
    broker.store().create_topic(topic.name, config);
    const auto created = broker.store().find_topic(topic.name);
    if (created) response.topic_id = Uuid{created->config->id};
  }
  if (!authorizer.allows(call, AclOperation::kDescribeConfigs, on_topic(topic.name))) {
    response.topic_config_error = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  log::apply_defaults(config, broker.topic_defaults());
  response.num_partitions = partitions;
  response.replication_factor = 1;
  response.configs.emplace();
  for (const log::TopicSetting& setting : log::topic_settings()) {
    auto& out = response.configs->emplace_back();
    out.name = setting.name;
    out.value = log::get_setting(config, setting.name, "create_topics");
    out.config_source = static_cast<int8_t>(config_source(broker, config, setting.name));
  }
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, CreateTopicsRequest&& request) {
  CreateTopicsResponse response;
  std::map<std::string, int> times;
  for (const auto& topic : request.topics) ++times[topic.name];
  for (const auto& topic : request.topics) {
    const int count = times[topic.name];
    if (count == 0) continue;
    Response& out = response.topics.emplace_back();
    out.name = topic.name;
    if (count > 1) {
      times[topic.name] = 0;  // answered once
      fail(out, ErrorCode::kInvalidRequest, "the topic is named more than once");
      continue;
    }
    try {
      create(broker, *call, topic, request.validate_only, out);
    } catch (const Error& failure) {
      fail(out, ErrorCode::kKafkaStorageError, failure.what());
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
