// Members of the classic protocol in a group of the consumer protocol, so that a group moves from
// one to the other while it works (KIP-848, "Migration"): a join is a heartbeat that tells
// everything, its answer says that somebody else leads, and the sync fetches what the broker
// assigned.
#include <algorithm>
#include <utility>

#include "core/error.h"
#include "kafka/consumer_group.h"
#include "kafka/consumer_protocol.h"
#include "kafka/group.h"
#include "log/big_endian.h"

namespace cne::kafka {

namespace {

JoinGroupResponse refused_join(const std::string& member_id, ErrorCode error) {
  JoinGroupResponse response;
  response.member_id = member_id;
  response.error = error;
  return response;
}

std::optional<ConsumerProtocolSubscription> first_wish(
    const std::vector<JoinGroupRequest::Protocol>& protocols) {
  if (protocols.empty()) return std::nullopt;
  return decode_subscription(protocols[0].metadata.data);  // all have the same
}

/// In the version that the member told its subscription in.
int16_t version_of(const ConsumerMemberValue::Classic& classic) {
  const std::string& bytes = classic.protocols.at(0).metadata.data;
  if (bytes.size() < 2) return 0;
  const auto told = log::load_be<int16_t>(reinterpret_cast<const uint8_t*>(bytes.data()));
  return std::clamp<int16_t>(told, 0, ConsumerProtocolAssignment::kLastVersion);
}

}  // namespace

Assignment ConsumerGroup::by_id(const std::vector<ConsumerProtocolTopic>& topics) const {
  Assignment out;
  for (const ConsumerProtocolTopic& each : topics)
    if (const auto known = topics_.find(each.name); known && !each.partitions.empty())
      out[known->id].insert(each.partitions.begin(), each.partitions.end());
  return out;
}

std::string ConsumerGroup::classic_assignment(const ConsumerMember& member,
                                              const Assignment& partitions) const {
  ConsumerProtocolAssignment out;
  for (const auto& [topic, indexes] : partitions)
    if (const auto known = topics_.find(topic))
      out.topics.push_back({known->name, {indexes.begin(), indexes.end()}});
  return encode_assignment(out, version_of(*member.told.classic));
}

/// The names of protocols that every classic member has.
std::set<std::string> ConsumerGroup::classic_protocols() const {
  std::optional<std::set<std::string>> common;
  for (const auto& [id, member] : members_) {
    if (!member.is_classic()) continue;
    std::set<std::string> names;
    for (const auto& protocol : member.told.classic->protocols)
      if (!common || common->contains(protocol.name)) names.insert(protocol.name);
    common = std::move(names);
  }
  return common.value_or(std::set<std::string>());
}

bool ConsumerGroup::has_classic() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const auto& each) { return each.second.is_classic(); });
}

bool ConsumerGroup::is_all_classic() const {
  return !members_.empty() && std::all_of(members_.begin(), members_.end(), [](const auto& each) {
    return each.second.is_classic();
  });
}

void ConsumerGroup::join_classic(GroupTurn& turn, const GroupClient& client,
                                 const JoinGroupRequest& request,
                                 GroupReply<JoinGroupResponse> reply) {
  const auto refuse = [&](ErrorCode error) {
    turn.reply(std::move(reply), refused_join(request.member_id, error));
  };
  const auto wish = first_wish(request.protocols);
  const auto common = classic_protocols();
  const bool fits = std::any_of(
      request.protocols.begin(), request.protocols.end(),
      [&](const auto& protocol) { return !has_classic() || common.contains(protocol.name); });
  if (request.protocol_type != kConsumerProtocolType || !wish || !fits)
    return refuse(ErrorCode::kInconsistentGroupProtocol);
  const bool unknown = request.member_id.empty();
  const std::string member_id =
      unknown ? request.group_instance_id.value_or(client.id) + "-" + config_.make_uuid()
              : request.member_id;
  if (unknown && !request.group_instance_id && client.version >= 4)
    return turn.reply(std::move(reply), refused_join(member_id, ErrorCode::kMemberIdRequired));

  Step step;
  ConsumerMember* member = enter_classic(step, member_id, unknown, request.group_instance_id);
  if (member == nullptr) return refuse(step.failure->error);
  ConsumerMemberValue told = member->told;
  told.instance_id = request.group_instance_id;
  if (wish->rack_id) told.rack_id = wish->rack_id;
  told.client_id = client.id;
  told.client_host = client.host;
  told.topic_names = wish->topics;
  std::sort(told.topic_names.begin(), told.topic_names.end());
  told.topic_regex.reset();
  told.server_assignor.reset();
  told.rebalance_timeout_ms =
      request.rebalance_timeout_ms >= 0 ? request.rebalance_timeout_ms : request.session_timeout_ms;
  told.classic = ConsumerMemberValue::Classic{request.session_timeout_ms, request.protocols};
  const bool changed = step.is_new || told.topic_names != member->told.topic_names ||
                       told.topic_regex != member->told.topic_regex;
  if (told != member->told) {
    member->told = std::move(told);
    change(GroupRecordKind::kConsumerMember, member->id);
  }
  look_at_topics(changed || epoch_ == 0, &client, turn.now_ms());
  assign();
  move(turn, *member, by_id(wish->owned));
  keep_session(turn, *member);
  member->awaits_sync = true;
  member->rejoin.set(turn, turn.now_ms() + member->told.rebalance_timeout_ms,
                     GroupTimer::Kind::kRejoin, id_, member_id);

  JoinGroupResponse response;
  response.member_id = member_id;
  response.generation_id = member->epoch;
  response.protocol_type = kConsumerProtocolType;
  response.protocol_name = request.protocols[0].name;
  if (changed_.empty()) return turn.reply(std::move(reply), std::move(response));
  save(turn, {},
       [response = std::move(response), reply = std::move(reply)](GroupTurn& later,
                                                                  bool ok) mutable {
         if (!ok) response = refused_join("", ErrorCode::kCoordinatorNotAvailable);
         later.reply(std::move(reply), std::move(response));
       });
}

/// As enter and enter_static, by the rules of joins: one of the same instance is replaced at once.
ConsumerMember* ConsumerGroup::enter_classic(Step& step, const std::string& member_id, bool unknown,
                                             const std::optional<std::string>& instance_id) {
  ConsumerMember* there = instance_id ? find_static(*instance_id) : nullptr;
  if (there != nullptr && there->id != member_id) {
    if (unknown) return &take_over(*there, member_id);
    step.fail(ErrorCode::kFencedInstanceId, "");
    return nullptr;
  }
  if (there == nullptr && instance_id && !unknown) {
    step.fail(ErrorCode::kUnknownMemberId, "");
    return nullptr;
  }
  if (const auto found = members_.find(member_id); found != members_.end()) return &found->second;
  if (members_.size() >= static_cast<size_t>(std::max(config_.consumer_max_size, 0))) {
    step.fail(ErrorCode::kGroupMaxSizeReached, "");
    return nullptr;
  }
  step.is_new = true;
  if (instance_id) static_members_[*instance_id] = member_id;
  return &add(member_id);
}

/// The member of a classic request, or what is wrong with it.
ConsumerMember* ConsumerGroup::find_classic(const std::string& member_id,
                                            const std::optional<std::string>& instance_id,
                                            std::optional<int32_t> generation, ErrorCode& error) {
  ConsumerMember* member = nullptr;
  if (instance_id) {
    member = find_static(*instance_id);
    if (member != nullptr && member->id != member_id) {
      error = ErrorCode::kFencedInstanceId;
      return nullptr;
    }
  } else if (const auto found = members_.find(member_id); found != members_.end()) {
    member = &found->second;
  }
  error = ErrorCode::kNone;
  if (member == nullptr || !member->is_classic())
    error = ErrorCode::kUnknownMemberId;
  else if (generation && *generation != member->epoch)
    error = ErrorCode::kIllegalGeneration;
  return error == ErrorCode::kNone ? member : nullptr;
}

void ConsumerGroup::sync_classic(GroupTurn& turn, const SyncGroupRequest& request,
                                 GroupReply<SyncGroupResponse> reply) {
  SyncGroupResponse response;
  ConsumerMember* member = find_classic(request.member_id, request.group_instance_id,
                                        request.generation_id, response.error);
  if (member != nullptr) {
    const std::string& protocol = member->told.classic->protocols.at(0).name;
    if ((request.protocol_type && *request.protocol_type != kConsumerProtocolType) ||
        (request.protocol_name && *request.protocol_name != protocol)) {
      response.error = ErrorCode::kInconsistentGroupProtocol;
    } else if (epoch_ > member->epoch && member->state != ConsumerMember::State::kUnrevoked) {
      ask_to_rejoin(turn, *member);
      response.error = ErrorCode::kRebalanceInProgress;
    } else {
      member->awaits_sync = false;
      member->rejoin.clear();
      keep_session(turn, *member);
      response.protocol_type = kConsumerProtocolType;
      response.protocol_name = protocol;
      response.assignment.data = classic_assignment(*member, member->assigned);
    }
  }
  turn.reply(std::move(reply), std::move(response));
}

ErrorCode ConsumerGroup::heartbeat_classic(GroupTurn& turn, const HeartbeatRequest& request) {
  ErrorCode error = ErrorCode::kNone;
  ConsumerMember* member =
      find_classic(request.member_id, request.group_instance_id, request.generation_id, error);
  if (member == nullptr) return error;
  keep_session(turn, *member);
  const bool can_get_more =
      member->state == ConsumerMember::State::kUnreleased && !waits_for_others(*member);
  if (epoch_ <= member->epoch && member->state != ConsumerMember::State::kUnrevoked &&
      !can_get_more)
    return ErrorCode::kNone;
  ask_to_rejoin(turn, *member);
  return ErrorCode::kRebalanceInProgress;
}

/// Whether all that a member's target lacks is with others.
bool ConsumerGroup::waits_for_others(const ConsumerMember& member) const {
  const auto target = target_.find(member.id);
  if (target == target_.end()) return true;
  bool waits = true;
  for_each_partition(target->second, [&](const Uuid& topic, int32_t partition) {
    if (has_partition(member.assigned, topic, partition)) return;
    const auto owners = owners_.find(topic);
    waits = waits && owners != owners_.end() && owners->second.contains(partition);
  });
  return waits;
}

void ConsumerGroup::ask_to_rejoin(GroupTurn& turn, ConsumerMember& member) {
  if (member.rejoin.at_ms() != kNever) return;
  member.rejoin.set(turn, turn.now_ms() + member.told.rebalance_timeout_ms,
                    GroupTimer::Kind::kRejoin, id_, member.id);
}

std::vector<LeaveGroupResponse::Member> ConsumerGroup::leave_classic(
    GroupTurn& turn, const std::vector<LeaveGroupRequest::Member>& who) {
  std::vector<LeaveGroupResponse::Member> out;
  for (const LeaveGroupRequest::Member& each : who) {
    auto& response = out.emplace_back();
    response.member_id = each.member_id;
    response.group_instance_id = each.group_instance_id;
    // A tool removes a static member, of any protocol, by its instance alone.
    ConsumerMember* member =
        each.member_id.empty() && each.group_instance_id
            ? find_static(*each.group_instance_id)
            : find_classic(each.member_id, each.group_instance_id, std::nullopt, response.error);
    if (member != nullptr)
      remove(member->id);
    else if (response.error == ErrorCode::kNone)
      response.error = ErrorCode::kUnknownMemberId;
  }
  save(turn);
  return out;
}

std::shared_ptr<ConsumerGroup> ConsumerGroup::upgrade(GroupTurn& turn, const Group& from,
                                                      const GroupConfig& config,
                                                      GroupTopics& topics) {
  auto group = std::make_shared<ConsumerGroup>(from.id(), config, topics);
  if (from.protocol_type() != kConsumerProtocolType || from.generation() <= 0) return nullptr;
  if (from.members().size() > static_cast<size_t>(std::max(config.consumer_max_size, 0)))
    return nullptr;
  Assignment taken;
  for (const auto& [id, old] : from.members()) {
    const std::string* metadata = old.metadata_of(from.protocol());
    const auto wish =
        metadata != nullptr ? decode_subscription(*metadata) : first_wish(old.protocols);
    const auto share = decode_assignment(old.assignment);
    if (!wish || !share) return nullptr;
    ConsumerMember& member = group->add(id);
    member.epoch = member.previous_epoch = from.generation();
    member.told.instance_id = old.instance_id;
    member.told.rack_id = wish->rack_id;
    member.told.client_id = old.client_id;
    member.told.client_host = old.client_host;
    member.told.topic_names = wish->topics;
    std::sort(member.told.topic_names.begin(), member.told.topic_names.end());
    member.told.rebalance_timeout_ms = old.rebalance_timeout_ms;
    member.told.classic = ConsumerMemberValue::Classic{old.session_timeout_ms, old.protocols};
    for_each_partition(group->by_id(share->topics), [&](const Uuid& topic, int32_t partition) {
      if (has_partition(taken, topic, partition)) return;
      add_partition(taken, topic, partition);
      add_partition(member.assigned, topic, partition);
    });
    group->target_[id] = member.assigned;
  }
  group->epoch_ = group->assignment_epoch_ = from.generation();
  group->restored(turn);
  group->metadata_hash_ = group->hash_topics();
  group->change(GroupRecordKind::kConsumerGroup);
  group->change(GroupRecordKind::kTarget);
  for (const auto& [id, member] : group->members_)
    for (const auto kind : {GroupRecordKind::kConsumerMember, GroupRecordKind::kTargetMember,
                            GroupRecordKind::kCurrentMember})
      group->change(kind, id);
  return group;
}

GroupValue ConsumerGroup::downgrade(int64_t wall_ms) const {
  GroupValue value;
  value.protocol_type = kConsumerProtocolType;
  value.generation = epoch_;
  const auto common = classic_protocols();
  if (!common.empty()) value.protocol = *common.begin();
  value.leader = members_.begin()->first;
  value.state_timestamp = wall_ms;
  for (const auto& [id, member] : members_) {
    auto& out = value.members.emplace_back();
    out.member_id = id;
    out.group_instance_id = member.told.instance_id;
    out.client_id = member.told.client_id;
    out.client_host = member.told.client_host;
    out.rebalance_timeout_ms = member.told.rebalance_timeout_ms;
    out.session_timeout_ms = member.told.classic->session_timeout_ms;
    for (const auto& protocol : member.told.classic->protocols)
      if (protocol.name == value.protocol) out.subscription = protocol.metadata;
    out.assignment.data = classic_assignment(member, member.assigned);
  }
  return value;
}

}  // namespace cne::kafka
