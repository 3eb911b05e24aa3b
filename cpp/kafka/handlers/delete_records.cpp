#include "kafka/messages/delete_records.h"

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"
#include "kafka/topics.h"

namespace cne::kafka {

namespace {

constexpr int64_t kHighWatermark = -1;  // "all of it"

void remove(Broker& broker, const Call& call, const std::string& topic, int64_t offset,
            DeleteRecordsResponse::Topic::Partition& response) {
  response.low_watermark = -1;
  if (!broker.authorizer().allows(call, AclOperation::kDelete, on_topic(topic))) {
    response.error = ErrorCode::kTopicAuthorizationFailed;
    return;
  }
  const FoundPartition found = find_partition(broker.store(), topic, {}, response.index);
  if (!found.log) {
    response.error = found.error;
    return;
  }
  if (is_internal(topic)) {
    response.error = ErrorCode::kInvalidTopicException;
    return;
  }
  if (!found.topic->config->cleanup_delete) {
    response.error = ErrorCode::kPolicyViolation;  // a compacted topic keeps its last values
    return;
  }
  const log::LogBounds bounds = found.log->bounds();
  if (offset == kHighWatermark) offset = bounds.high_watermark;
  if (offset < 0 || offset > bounds.high_watermark) {
    response.error = ErrorCode::kOffsetOutOfRange;
    return;
  }
  response.low_watermark = found.log->delete_records(offset);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DeleteRecordsRequest&& request) {
  DeleteRecordsResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& asked : topic.partitions) {
      auto& partition = out.partitions.emplace_back();
      partition.index = asked.index;
      try {
        remove(broker, *call, topic.name, asked.offset, partition);
      } catch (const Error&) {
        partition.error = ErrorCode::kKafkaStorageError;
      }
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
