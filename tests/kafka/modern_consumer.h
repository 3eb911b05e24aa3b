#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "group_world.h"
#include "kafka/assignment.h"

namespace cne::kafka {

/// A consumer of the protocol of KIP-848: what it knows and owns, and its heartbeats. `beat` tells
/// what changed, takes over the answer and, as a client does, lets go of what it shall not have.
struct ModernConsumer {
  using Request = ConsumerGroupHeartbeatRequest;

  GroupWorld& world;
  std::string member_id;
  std::vector<std::string> topics{"a"};
  std::string group = "g";
  std::optional<std::string> instance{};
  std::optional<std::string> regex{};
  std::optional<std::string> assignor{};
  int32_t rebalance_ms = 30'000;
  int16_t version = 1;
  int32_t epoch = 0;
  Assignment owned{};
  bool tells_owned = false;  // it changed since it was told
  bool full = false;         // an answer was lost: it tells everything
  std::function<bool(const std::string& topic)> may_describe{};

  Request request() const {
    Request out;
    out.group_id = group;
    out.member_id = member_id;
    out.member_epoch = epoch;
    out.instance_id = instance;
    if (epoch == 0 || full) {
      out.rebalance_timeout_ms = rebalance_ms;
      out.topic_names = topics;
      out.topic_regex = regex;
      out.server_assignor = assignor;
    }
    if (epoch == 0 || tells_owned || full) out.topics = to_list(owned);
    return out;
  }
  Answer<ConsumerGroupHeartbeatResponse> send(const Request& request) const {
    Answer<ConsumerGroupHeartbeatResponse> answer;
    world.groups->consumer_heartbeat({"client", "/127.0.0.1", version, may_describe}, request,
                                     answer.reply());
    return answer;
  }
  void take(const ConsumerGroupHeartbeatResponse& response) {
    epoch = response.member_epoch;
    tells_owned = full = false;
    if (!response.assignment) return;
    const Assignment next = to_assignment(response.assignment->topics);
    tells_owned = next != owned;
    owned = next;
  }
  ErrorCode beat() {
    const auto answer = send(request());
    if (answer->error == ErrorCode::kNone) take(*answer);
    return answer->error;
  }
  /// Joins anew, with nothing.
  ErrorCode join() {
    epoch = 0;
    owned.clear();
    return beat();
  }
  ErrorCode leave(int32_t how = Request::kLeave) const {
    Request out = request();
    out.member_epoch = how;
    return send(out)->error;
  }
  std::set<int32_t> of(const std::string& topic) const {
    const auto found = owned.find(world.topics.id(topic));
    return found == owned.end() ? std::set<int32_t>() : found->second;
  }
  ConsumerGroupDescribeResponse::Group describe() const {
    return world.groups->describe_consumer_group(group);
  }
  std::string state() const { return describe().state; }
  ErrorCode commit(const std::string& topic, int32_t partition, int64_t offset) const {
    OffsetCommitRequest out;
    out.group_id = group;
    out.member_id = member_id;
    out.generation_id = epoch;
    out.topics.push_back({topic, {}, {{partition, offset, 0, {}}}});
    Answer<OffsetCommitResponse> answer;
    world.groups->offset_commit({"", "", version > 0 ? int16_t{9} : int16_t{8}}, out,
                                answer.reply());
    return answer->topics.at(0).partitions.at(0).error;
  }
  ErrorCode fetch_error() const {
    OffsetFetchRequest::Group out;
    out.group_id = group;
    out.member_id = member_id;
    out.member_epoch = epoch;
    return world.groups->offset_fetch({"", "", 9}, out, false).error;
  }
};

/// Beats of all of them until nothing changes.
inline void settle(std::vector<ModernConsumer*> all) {
  for (int i = 0; i < 10; ++i)
    for (ModernConsumer* each : all) each->beat();
}

}  // namespace cne::kafka
