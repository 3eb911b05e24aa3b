#include <algorithm>
#include <utility>

#include "core/error.h"
#include "kafka/consumer_group.h"
#include "kafka/topic_regex.h"

namespace cne::kafka {

namespace {

using Request = ConsumerGroupHeartbeatRequest;

/// Of what a member tells only when it changes.
template <typename T>
void take(std::optional<T>& to, const std::optional<T>& told) {
  if (told) to = told;
}

}  // namespace

HeartbeatFault check_heartbeat(const Request& request, int16_t version) {
  const auto bad = [](const char* why) { return HeartbeatFault{ErrorCode::kInvalidRequest, why}; };
  const auto is_blank = [](const std::optional<std::string>& text) {
    return text && text->empty();
  };
  const int32_t epoch = request.member_epoch;
  if (request.group_id.empty()) return bad("GroupId can't be empty.");
  // Since version 1 members make up their ids themselves.
  if (request.member_id.empty() && (version >= 1 || epoch != Request::kJoin))
    return bad("MemberId can't be empty.");
  if (is_blank(request.instance_id)) return bad("InstanceId can't be empty.");
  if (is_blank(request.rack_id)) return bad("RackId can't be empty.");
  if (epoch < Request::kLeaveStatic) return bad("MemberEpoch is invalid.");
  if (epoch == Request::kLeaveStatic && !request.instance_id)
    return bad("InstanceId can't be null.");
  if (epoch == Request::kJoin) {
    if (request.rebalance_timeout_ms < 0)
      return bad("RebalanceTimeoutMs must be provided in first request.");
    if (!request.topics || !request.topics->empty())
      return bad("TopicPartitions must be empty when (re-)joining.");
    const bool names = request.topic_names && !request.topic_names->empty();
    const bool regex = request.topic_regex && !request.topic_regex->empty();
    if (!names && !regex)
      return bad("SubscribedTopicNames or SubscribedTopicRegex must be set in first request.");
  }
  if (request.server_assignor && !is_assignor(*request.server_assignor))
    return {ErrorCode::kUnsupportedAssignor,
            "ServerAssignor " + *request.server_assignor +
                " is not supported. Supported assignors: uniform, range."};
  if (request.topic_regex && !request.topic_regex->empty() &&
      !TopicRegex::compile(*request.topic_regex))
    return {ErrorCode::kInvalidRegularExpression, "SubscribedTopicRegex `" + *request.topic_regex +
                                                      "` is not a valid regular expression."};
  return {};
}

void ConsumerGroup::heartbeat(GroupTurn& turn, const GroupClient& client, const Request& request,
                              HeartbeatReply reply) {
  if (request.member_epoch < 0) return leave(turn, request, std::move(reply));
  Step step;
  const bool joins = request.member_epoch == Request::kJoin;
  const std::string member_id = request.member_id.empty() ? config_.make_uuid() : request.member_id;
  ConsumerMember* member = request.instance_id ? enter_static(step, member_id, request)
                                               : enter(step, member_id, request);
  if (member == nullptr) {
    ConsumerGroupHeartbeatResponse refused;
    refused.error = step.failure->error;
    refused.error_message = step.failure->why;
    return turn.reply(std::move(reply), std::move(refused));
  }
  const bool changed = update(step, *member, client, request);
  look_at_topics(changed || epoch_ == 0, &client, turn.now_ms());
  assign();
  std::optional<Assignment> owned;
  if (request.topics) owned = to_assignment(*request.topics);
  const bool moved = move(turn, *member, owned);
  keep_session(turn, *member);
  member->rejoin.clear();

  ConsumerGroupHeartbeatResponse response;
  response.member_id = member_id;
  response.member_epoch = member->epoch;
  response.heartbeat_interval_ms = config_.heartbeat_interval_of(id_);
  // One that joins, or begins anew after an error, tells everything and is told everything.
  const bool full = request.rebalance_timeout_ms >= 0 && request.topics &&
                    (request.topic_names || request.topic_regex);
  if (joins || full || moved) response.assignment.emplace().topics = to_list(member->assigned);
  finish(turn, std::move(response), std::move(reply));
}

void ConsumerGroup::finish(GroupTurn& turn, ConsumerGroupHeartbeatResponse response,
                           HeartbeatReply reply) {
  if (changed_.empty()) return turn.reply(std::move(reply), std::move(response));
  save(turn, {},
       [response = std::move(response), reply = std::move(reply)](GroupTurn& later,
                                                                  bool ok) mutable {
         if (!ok) {
           response = {};
           response.error = ErrorCode::kCoordinatorNotAvailable;
         }
         later.reply(std::move(reply), std::move(response));
       });
}

ConsumerMember& ConsumerGroup::add(const std::string& member_id) {
  ConsumerMember& member = members_[member_id];
  member.id = member_id;
  return member;
}

/// The member that sent the heartbeat, which is made when it joins; null when it has failed.
ConsumerMember* ConsumerGroup::enter(Step& step, const std::string& member_id,
                                     const Request& request) {
  const auto found = members_.find(member_id);
  if (found != members_.end())
    return is_current(step, found->second, request) ? &found->second : nullptr;
  if (request.member_epoch != Request::kJoin) {
    step.fail(ErrorCode::kUnknownMemberId,
              "Member " + member_id + " is not a member of group " + id_ + ".");
    return nullptr;
  }
  if (members_.size() >= static_cast<size_t>(std::max(config_.consumer_max_size, 0))) {
    step.fail(ErrorCode::kGroupMaxSizeReached,
              message("The consumer group has reached its maximum capacity of ",
                      config_.consumer_max_size, " members."));
    return nullptr;
  }
  step.is_new = true;
  return &add(member_id);
}

ConsumerMember* ConsumerGroup::enter_static(Step& step, const std::string& member_id,
                                            const Request& request) {
  const std::string& instance = *request.instance_id;
  ConsumerMember* there = find_static(instance);
  if (request.member_epoch != Request::kJoin) {
    if (there == nullptr) {
      step.fail(ErrorCode::kUnknownMemberId, "Instance id " + instance + " is unknown.");
      return nullptr;
    }
    if (there->id != member_id) {
      step.fail(ErrorCode::kFencedInstanceId, "Static member " + member_id + " with instance id " +
                                                  instance + " was fenced by member " + there->id +
                                                  ".");
      return nullptr;
    }
    return is_current(step, *there, request) ? there : nullptr;
  }
  if (there == nullptr) {
    ConsumerMember* member = enter(step, member_id, request);
    if (member == nullptr) return nullptr;
    if (member->told.instance_id) static_members_.erase(*member->told.instance_id);
    static_members_[instance] = member_id;
    return member;
  }
  if (there->id == member_id) return is_current(step, *there, request) ? there : nullptr;
  if (there->epoch != Request::kLeaveStatic || members_.contains(member_id)) {
    step.fail(ErrorCode::kUnreleasedInstanceId,
              "Static member " + member_id + " with instance id " + instance +
                  " cannot join the group because the instance id is owned by " + there->id +
                  " member.");
    return nullptr;
  }
  return &take_over(*there, member_id);
}

/// A static member comes back under another id, and gets what it had.
ConsumerMember& ConsumerGroup::take_over(ConsumerMember& old, const std::string& member_id) {
  const std::string old_id = old.id;
  release(old);
  ConsumerMember& member = add(member_id);
  member.told = std::move(old.told);
  member.assigned = std::move(old.assigned);
  members_.erase(old_id);
  static_members_[*member.told.instance_id] = member_id;
  claim(member);
  for (const std::string& id : {old_id, member_id})
    for (const auto kind : {GroupRecordKind::kConsumerMember, GroupRecordKind::kTargetMember,
                            GroupRecordKind::kCurrentMember})
      change(kind, id);
  const auto target = target_.find(old_id);
  if (target != target_.end()) {
    target_[member_id] = std::move(target->second);
    target_.erase(old_id);
  }
  return member;
}

/// Whether a member knows of its last step. Who joins has let go of everything. Who did not get the
/// last answer may ask again.
bool ConsumerGroup::is_current(Step& step, const ConsumerMember& member, const Request& request) {
  const int32_t epoch = request.member_epoch;
  if (epoch == Request::kJoin || epoch == member.epoch) return true;
  const bool lost_answer = epoch == member.previous_epoch && epoch < member.epoch &&
                           request.topics &&
                           is_subset(to_assignment(*request.topics), member.assigned);
  if (lost_answer) return true;
  step.fail(
      ErrorCode::kFencedMemberEpoch,
      message("The consumer group member has a ", epoch > member.epoch ? "greater" : "smaller",
              " member epoch (", epoch, ") than the one known by the group coordinator (",
              member.epoch, "). The member must abandon all its partitions and rejoin."));
  return false;
}

/// Takes what the member tells; returns whether it subscribes to something else than before.
bool ConsumerGroup::update(Step& step, ConsumerMember& member, const GroupClient& client,
                           const Request& request) {
  ConsumerMemberValue told = member.told;
  take(told.instance_id, request.instance_id);
  take(told.rack_id, request.rack_id);
  take(told.server_assignor, request.server_assignor);
  take(told.topic_regex, request.topic_regex);
  if (told.topic_regex && told.topic_regex->empty()) told.topic_regex.reset();
  if (request.rebalance_timeout_ms >= 0) told.rebalance_timeout_ms = request.rebalance_timeout_ms;
  if (request.topic_names) {
    told.topic_names = *request.topic_names;
    std::sort(told.topic_names.begin(), told.topic_names.end());
    told.topic_names.erase(std::unique(told.topic_names.begin(), told.topic_names.end()),
                           told.topic_names.end());
  }
  told.client_id = client.id;
  told.client_host = client.host;
  told.classic.reset();
  const bool other_wish =
      told.topic_names != member.told.topic_names || told.topic_regex != member.told.topic_regex;
  if (told != member.told) {
    member.told = std::move(told);
    change(GroupRecordKind::kConsumerMember, member.id);
  }
  return step.is_new || other_wish;
}

void ConsumerGroup::leave(GroupTurn& turn, const Request& request, HeartbeatReply reply) {
  ConsumerGroupHeartbeatResponse response;
  ConsumerMember* member = nullptr;
  if (request.instance_id) {
    member = find_static(*request.instance_id);
    if (member != nullptr && member->id != request.member_id)
      response.error = ErrorCode::kFencedInstanceId;
  } else if (const auto found = members_.find(request.member_id); found != members_.end()) {
    member = &found->second;
  }
  if (member == nullptr) response.error = ErrorCode::kUnknownMemberId;
  if (response.error != ErrorCode::kNone) return turn.reply(std::move(reply), std::move(response));
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  if (request.member_epoch == Request::kLeaveStatic) {
    // It will be back: nobody else gets what it has until its session ends.
    member->epoch = Request::kLeaveStatic;
    member->state = ConsumerMember::State::kStable;
    release(*member);
    member->revoking.clear();
    claim(*member);
    member->revocation.clear();
    change(GroupRecordKind::kCurrentMember, member->id);
  } else {
    remove(request.member_id);
  }
  finish(turn, std::move(response), std::move(reply));
}

}  // namespace cne::kafka
