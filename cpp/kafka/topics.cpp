#include "kafka/topics.h"

#include <algorithm>

#include "kafka/broker.h"

namespace cne::kafka {

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

FoundPartition find_partition(log::TopicStore& store, const std::string& topic,
                              const Uuid& topic_id, int32_t index) {
  const bool by_id = !topic_id.is_zero();
  const auto info = by_id ? store.topic_by_id(topic_id.bytes) : store.find_topic(topic);
  if (!info)
    return {nullptr, nullptr,
            by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition};
  if (index < 0 || static_cast<size_t>(index) >= info->partitions.size())
    return {nullptr, info, ErrorCode::kUnknownTopicOrPartition};
  return {info->partitions[static_cast<size_t>(index)], info, ErrorCode::kNone};
}

FoundPartition find_partition(Broker& broker, const Call& call, AclOperation operation,
                              const std::string& topic, const Uuid& topic_id, int32_t index) {
  const auto allows = [&](const std::string& name) {
    return broker.authorizer().allows(call, operation, on_topic(name));
  };
  const FoundPartition denied{nullptr, nullptr, ErrorCode::kTopicAuthorizationFailed};
  const bool by_id = !topic_id.is_zero();
  if (!by_id && !allows(topic)) return denied;
  FoundPartition found = find_partition(broker.store(), topic, topic_id, index);
  return by_id && found.topic && !allows(found.topic->name) ? denied : found;
}

ErrorCode check_leader_epoch(int32_t epoch) {
  if (epoch < 0 || epoch == kLeaderEpoch) return ErrorCode::kNone;
  return epoch > kLeaderEpoch ? ErrorCode::kUnknownLeaderEpoch : ErrorCode::kFencedLeaderEpoch;
}

}  // namespace cne::kafka
