#include <algorithm>
#include <utility>

#include "kafka/consumer_protocol.h"
#include "kafka/group.h"

namespace cne::kafka {

namespace {

JoinGroupResponse refused(const std::string& member_id, ErrorCode error) {
  JoinGroupResponse response;
  response.member_id = member_id;
  response.error = error;
  return response;
}

/// Whether a member that comes back wants the same topics. What else a consumer tells (partitions
/// that it owned, data of its assignor) is of its life before; of other protocols nothing is known.
bool same_wish(const std::string* before, const std::string* now) {
  if (before == nullptr || now == nullptr) return before == now;
  if (*before == *now) return true;
  auto old = decode_subscription(*before);
  auto wish = decode_subscription(*now);
  if (!old || !wish) return true;
  std::sort(old->topics.begin(), old->topics.end());
  std::sort(wish->topics.begin(), wish->topics.end());
  return old->topics == wish->topics;
}

}  // namespace

void Group::join(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                 GroupReply<JoinGroupResponse> reply) {
  if (state_ == State::kDead)
    return turn.reply(std::move(reply),
                      refused(request.member_id, ErrorCode::kCoordinatorNotAvailable));
  if (!accepts(request.member_id)) {
    remove(turn, request.member_id);
    pending_.erase(request.member_id);
    turn.reply(std::move(reply), refused("", ErrorCode::kGroupMaxSizeReached));
    return complete_join_if_ready(turn);
  }
  if (!supports(request.protocol_type, request.protocols))
    return turn.reply(std::move(reply),
                      refused(request.member_id, ErrorCode::kInconsistentGroupProtocol));
  if (request.member_id.empty())
    join_new(turn, client, request, std::move(reply));
  else
    join_again(turn, client, request, std::move(reply));
}

bool Group::accepts(const std::string& member_id) const {
  const auto limit = static_cast<size_t>(std::max(config_.max_size, 0));
  const auto found = members_.find(member_id);
  switch (state_) {
    case State::kEmpty:
    case State::kDead:
      return limit > 0;
    case State::kPreparing:
      // Members of before have their place only once they have joined again.
      return (found != members_.end() && found->second.join) || joining_ < limit;
    case State::kCompleting:
    case State::kStable:
      break;
  }
  return found != members_.end() || members_.size() < limit;
}

void Group::join_new(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                     GroupReply<JoinGroupResponse> reply) {
  const std::string prefix = request.group_instance_id.value_or(client.id);
  const std::string member_id = prefix + "-" + config_.make_uuid();
  if (request.group_instance_id) {
    if (static_members_.contains(*request.group_instance_id))
      replace_static(turn, member_id, client, request, std::move(reply));
    else
      add_and_rebalance(turn, member_id, client, request, std::move(reply));
    return;
  }
  if (client.version < 4)
    return add_and_rebalance(turn, member_id, client, request, std::move(reply));
  // A client that goes away now leaves no member behind.
  pending_[member_id].deadline.set(turn, turn.now_ms() + request.session_timeout_ms,
                                   GroupTimer::Kind::kMember, id_, member_id);
  turn.reply(std::move(reply), refused(member_id, ErrorCode::kMemberIdRequired));
}

void Group::join_again(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                       GroupReply<JoinGroupResponse> reply) {
  const std::string& id = request.member_id;
  if (!request.group_instance_id && pending_.contains(id))
    return add_and_rebalance(turn, id, client, request, std::move(reply));
  const ErrorCode error = check_member(id, request.group_instance_id);
  if (error != ErrorCode::kNone) return turn.reply(std::move(reply), refused(id, error));
  GroupMember& member = members_.at(id);
  const bool same = member.protocols == request.protocols;
  const bool leads = id == leader_;
  // Its answer may have been lost: who has nothing new gets it again. A leader of a stable group
  // that joins wants a rebalance.
  if ((state_ == State::kCompleting && same) || (state_ == State::kStable && same && !leads))
    return turn.reply(std::move(reply), joined(member));
  if (state_ == State::kEmpty)
    return turn.reply(std::move(reply), refused(id, ErrorCode::kUnknownMemberId));
  update(turn, member, request, std::move(reply));
  rebalance_or_complete(turn);
}

JoinGroupResponse Group::joined(const GroupMember& member) const {
  JoinGroupResponse response;
  response.generation_id = generation_;
  response.protocol_type = protocol_type_;
  response.protocol_name = protocol_;
  response.leader = leader_;
  response.member_id = member.id;
  if (member.id == leader_) response.members = listed_members();
  return response;
}

std::vector<JoinGroupResponse::Member> Group::listed_members() const {
  std::vector<JoinGroupResponse::Member> list;
  for (const auto& [id, member] : members_) {
    const std::string* metadata = member.metadata_of(protocol_);
    list.push_back({id, member.instance_id, {metadata != nullptr ? *metadata : ""}});
  }
  return list;
}

void Group::add_and_rebalance(GroupTurn& turn, const std::string& member_id,
                              const GroupClient& client, const JoinGroupRequest& request,
                              GroupReply<JoinGroupResponse> reply) {
  if (members_.empty()) protocol_type_ = request.protocol_type;
  GroupMember member;
  member.id = member_id;
  member.instance_id = request.group_instance_id;
  member.client_id = client.id;
  member.client_host = client.host;
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms =
      request.rebalance_timeout_ms >= 0 ? request.rebalance_timeout_ms : request.session_timeout_ms;
  member.protocols = request.protocols;
  member.is_new = true;
  member.join = std::move(reply);
  if (state_ == State::kPreparing && initial_delay_) joined_lately_ = true;
  add(std::move(member));
  members_.at(member_id).deadline.set(turn, turn.now_ms() + config_.new_member_timeout_ms,
                                      GroupTimer::Kind::kMember, id_, member_id);
  rebalance_or_complete(turn);
}

void Group::update(GroupTurn& turn, GroupMember& member, const JoinGroupRequest& request,
                   GroupReply<JoinGroupResponse> reply) {
  // Of a connection before this one, or in front of it in the same.
  answer_join(turn, member, refused(member.id, ErrorCode::kRebalanceInProgress));
  count_protocols(member, -1);
  member.protocols = request.protocols;
  count_protocols(member, 1);
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms =
      request.rebalance_timeout_ms >= 0 ? request.rebalance_timeout_ms : request.session_timeout_ms;
  member.join = std::move(reply);
  if (member.join) ++joining_;
}

void Group::replace_static(GroupTurn& turn, const std::string& member_id, const GroupClient& client,
                           const JoinGroupRequest& request, GroupReply<JoinGroupResponse> reply) {
  const std::string old_id = static_members_.at(*request.group_instance_id);
  const std::string old_leader = leader_;
  GroupMember& old = members_.at(old_id);
  answer_join(turn, old, refused(old_id, ErrorCode::kFencedInstanceId));
  SyncGroupResponse fenced;
  fenced.error = ErrorCode::kFencedInstanceId;
  answer_sync(turn, old, std::move(fenced));

  GroupMember taken = std::move(old);
  members_.erase(old_id);
  const std::string* metadata = taken.metadata_of(protocol_);
  const std::optional<std::string> wish_before =
      metadata != nullptr ? std::optional<std::string>(*metadata) : std::nullopt;
  taken.id = member_id;
  taken.client_id = client.id;
  taken.client_host = client.host;
  taken.deadline = GroupDeadline();
  static_members_[*request.group_instance_id] = member_id;
  if (leader_ == old_id) leader_ = member_id;
  GroupMember& member = members_.emplace(member_id, std::move(taken)).first->second;
  update(turn, member, request, std::move(reply));
  touch(turn, member);

  if (state_ == State::kStable && select_protocol() == protocol_ &&
      same_wish(wish_before ? &*wish_before : nullptr, member.metadata_of(protocol_)))
    return keep_static(turn, member, old_leader, client);
  // Else: the leader may have assigned to the id of before, or has to assign anew.
  rebalance_or_complete(turn);
}

/// Nothing changes but an id, so nobody else has to know.
void Group::keep_static(GroupTurn& turn, GroupMember& member, const std::string& old_leader,
                        const GroupClient& client) {
  const bool can_skip = client.version >= 9;
  turn.write(id_, {record(nullptr)},
             [self = shared_from_this(), id = member.id, generation = generation_, can_skip,
              old_leader](GroupTurn& later, bool ok) {
               const auto found = self->members_.find(id);
               if (found == self->members_.end() || self->state_ != State::kStable ||
                   self->generation_ != generation)
                 return;  // its join was answered, or will be by the rebalance
               GroupMember& waiting = found->second;
               if (!ok)
                 return self->answer_join(later, waiting,
                                          refused("", ErrorCode::kCoordinatorNotAvailable));
               JoinGroupResponse response = self->joined(waiting);
               // Old clients that are told that they lead would assign; a leader that nobody is
               // makes them followers.
               if (can_skip) {
                 response.skip_assignment = id == self->leader_;
               } else {
                 response.members.clear();
                 response.leader = old_leader;
               }
               waiting.is_new = false;
               self->touch(later, waiting);
               self->answer_join(later, waiting, std::move(response));
             });
}

}  // namespace cne::kafka
