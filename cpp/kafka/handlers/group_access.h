#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"

namespace cne::kafka {

/// Whether the peer of a call may do something to a group.
inline bool may(Broker& broker, const Call& call, AclOperation operation,
                const std::string& group) {
  return broker.authorizer().allows(call, operation, on_group(group));
}

/// Who sent a request to a group, with what it may know of.
inline GroupClient group_client(Broker& broker, const CallPtr& call) {
  GroupClient client = group_client(*call);
  if (broker.authorizer().is_enabled())
    client.may_describe = [&broker, call](const std::string& topic) {
      return broker.authorizer().allows(*call, AclOperation::kDescribe, on_topic(topic));
    };
  return client;
}

/// Takes the topics out of a request that its peer may not use; their part of the answer.
template <typename Answered, typename Asked>
std::vector<Answered> take_denied(Broker& broker, const Call& call, AclOperation operation,
                                  std::vector<Asked>& topics) {
  std::vector<Answered> denied;
  const Authorizer& authorizer = broker.authorizer();
  if (!authorizer.is_enabled()) return denied;
  const auto is_denied = [&](const Asked& topic) {
    std::string name = topic.name;
    if constexpr (requires { topic.topic_id; })
      if (!topic.topic_id.is_zero()) {
        const auto info = broker.store().topic_by_id(topic.topic_id.bytes);
        if (!info) return false;  // which the answer says
        name = info->name;
      }
    return !authorizer.allows(call, operation, on_topic(name));
  };
  std::vector<Asked> allowed;
  for (Asked& topic : topics) {
    if (!is_denied(topic)) {
      allowed.push_back(std::move(topic));
      continue;
    }
    Answered& out = denied.emplace_back();
    out.name = topic.name;
    if constexpr (requires { out.topic_id = topic.topic_id; }) out.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      if constexpr (requires { partition.index; })
        answer.index = partition.index;
      else
        answer.index = partition;
      answer.error = ErrorCode::kTopicAuthorizationFailed;
    }
  }
  topics = std::move(allowed);
  return denied;
}

/// Puts them behind what was answered.
template <typename Answered>
void append_denied(std::vector<Answered>& topics, const std::vector<Answered>& denied) {
  topics.insert(topics.end(), denied.begin(), denied.end());
}

/// Every topic of a request with one error.
template <typename Answered, typename Asked>
std::vector<Answered> answer_all(const std::vector<Asked>& topics, ErrorCode error) {
  std::vector<Answered> out;
  for (const Asked& topic : topics) {
    Answered& answered = out.emplace_back();
    answered.name = topic.name;
    if constexpr (requires { answered.topic_id = topic.topic_id; })
      answered.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions) {
      auto& answer = answered.partitions.emplace_back();
      answer.index = partition.index;
      answer.error = error;
    }
  }
  return out;
}

}  // namespace cne::kafka
