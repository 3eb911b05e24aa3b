#include "kafka/messages/delete_topics.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

void remove(Broker& broker, const Call& call, const std::optional<std::string>& name,
            const Uuid& id, DeleteTopicsResponse::Topic& response) {
  response.name = name;
  response.topic_id = id;
  const Authorizer& authorizer = broker.authorizer();
  const auto denied = [&](const std::string& topic) {
    if (authorizer.allows(call, AclOperation::kDelete, on_topic(topic))) return false;
    // An id alone does not tell the name to who may not know it.
    if (authorizer.allows(call, AclOperation::kDescribe, on_topic(topic))) response.name = topic;
    response.error = ErrorCode::kTopicAuthorizationFailed;
    return true;
  };
  // Whether there is such a topic is not for everybody to know.
  if (id.is_zero() && denied(name.value_or(""))) return;
  const auto info = id.is_zero() ? broker.store().find_topic(name.value_or(""))
                                 : broker.store().topic_by_id(id.bytes);
  if (!info) {
    response.error =
        id.is_zero() ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId;
    return;
  }
  if (!id.is_zero() && denied(info->name)) return;
  response.name = info->name;
  response.topic_id = Uuid{info->config->id};
  if (is_internal(info->name)) {
    response.error = ErrorCode::kInvalidTopicException;
    response.error_message = "the topic is the broker's own";
  } else if (!broker.config().delete_topic_enable) {
    response.error = ErrorCode::kTopicDeletionDisabled;
  } else {
    broker.store().delete_topic(info->name);
    broker.groups().topics_deleted({info->name});
  }
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DeleteTopicsRequest&& request) {
  DeleteTopicsResponse response;
  const auto one = [&](const std::optional<std::string>& name, const Uuid& id) {
    auto& topic = response.topics.emplace_back();
    try {
      remove(broker, *call, name, id, topic);
    } catch (const Error& failure) {
      topic.error = ErrorCode::kKafkaStorageError;
      topic.error_message = failure.what();
    }
  };
  for (const std::string& name : request.topic_names) one(name, {});  // until version 5
  for (const auto& topic : request.topics) one(topic.name, topic.topic_id);
  call->reply(response);
}

}  // namespace cne::kafka
