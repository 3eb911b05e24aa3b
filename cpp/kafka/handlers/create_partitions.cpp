#include "kafka/messages/create_partitions.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

using Result = CreatePartitionsResponse::Result;

void fail(Result& result, ErrorCode error, std::string why) {
  result.error = error;
  result.error_message = std::move(why);
}

void create(Broker& broker, const Call& call, const CreatePartitionsRequest::Topic& topic,
            bool validate_only, Result& result) {
  if (!broker.authorizer().allows(call, AclOperation::kAlter, on_topic(topic.name)))
    return fail(result, ErrorCode::kTopicAuthorizationFailed, "the topic may not be altered");
  const auto info = broker.store().find_topic(topic.name);
  if (!info)
    return fail(result, ErrorCode::kUnknownTopicOrPartition,
                message("there is no topic \"", topic.name, "\""));
  if (is_internal(topic.name))
    return fail(result, ErrorCode::kInvalidTopicException, "the topic is the broker's own");
  const auto now = static_cast<int32_t>(info->partitions.size());
  if (topic.count <= now || topic.count > kMaxPartitions)
    return fail(result, ErrorCode::kInvalidPartitions,
                message("expected more than the ", now, " partitions that there are, and at most ",
                        kMaxPartitions, ", got ", topic.count));
  if (topic.assignments) {
    bool here = topic.assignments->size() == static_cast<size_t>(topic.count - now);
    for (const auto& assignment : *topic.assignments)
      here = here && assignment.broker_ids == std::vector<int32_t>{broker.config().node_id};
    if (!here)
      return fail(result, ErrorCode::kInvalidReplicationAssignment,
                  "expected every new partition to be assigned to this one broker");
  }
  if (!validate_only) broker.store().add_partitions(topic.name, topic.count);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, CreatePartitionsRequest&& request) {
  CreatePartitionsResponse response;
  for (const auto& topic : request.topics) {
    Result& result = response.results.emplace_back();
    result.name = topic.name;
    try {
      create(broker, *call, topic, request.validate_only, result);
    } catch (const Error& failure) {
      fail(result, ErrorCode::kKafkaStorageError, failure.what());
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
