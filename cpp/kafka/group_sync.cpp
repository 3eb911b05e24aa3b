#include <utility>

#include "kafka/group.h"

namespace cne::kafka {

namespace {

SyncGroupResponse refused(ErrorCode error) {
  SyncGroupResponse response;
  response.error = error;
  return response;
}

}  // namespace

void Group::sync(GroupTurn& turn, const SyncGroupRequest& request,
                 GroupReply<SyncGroupResponse> reply) {
  ErrorCode error = state_ == State::kDead
                        ? ErrorCode::kCoordinatorNotAvailable
                        : check_member(request.member_id, request.group_instance_id);
  const bool other_protocol = (request.protocol_type && *request.protocol_type != protocol_type_) ||
                              (request.protocol_name && *request.protocol_name != protocol_);
  if (error == ErrorCode::kNone && request.generation_id != generation_)
    error = ErrorCode::kIllegalGeneration;
  // While the next one is prepared the protocol is that of before, but the group's type is fixed.
  if (error == ErrorCode::kNone && other_protocol) error = ErrorCode::kInconsistentGroupProtocol;
  if (error == ErrorCode::kNone && state_ == State::kEmpty) error = ErrorCode::kUnknownMemberId;
  if (error == ErrorCode::kNone && state_ == State::kPreparing)
    error = ErrorCode::kRebalanceInProgress;
  if (error != ErrorCode::kNone) return turn.reply(std::move(reply), refused(error));

  GroupMember& member = members_.at(request.member_id);
  answer_sync(turn, member, refused(ErrorCode::kRebalanceInProgress));
  member.sync = std::move(reply);
  synced(member);
  if (state_ == State::kCompleting) {
    if (member.id == leader_) assign(turn, request);
    return;
  }
  touch(turn, member);
  SyncGroupResponse response;
  response.protocol_type = protocol_type_;
  response.protocol_name = protocol_;
  response.assignment.data = member.assignment;
  answer_sync(turn, member, std::move(response));
}

/// The leader has assigned: written first, then told.
void Group::assign(GroupTurn& turn, const SyncGroupRequest& request) {
  std::map<std::string, std::string> assignments;
  for (const auto& [id, member] : members_) assignments[id];
  for (const auto& each : request.assignments)
    if (const auto found = assignments.find(each.member_id); found != assignments.end())
      found->second = each.assignment.data;
  written_ = true;
  GroupRecords records{record(&assignments)};
  turn.write(id_, std::move(records),
             [self = shared_from_this(), generation = generation_,
              assignments = std::move(assignments)](GroupTurn& later, bool ok) mutable {
               // A rebalance that has begun since then has told those who wait.
               if (self->state_ != State::kCompleting || self->generation_ != generation) return;
               if (ok) return self->assigned(later, std::move(assignments));
               self->fail_syncs(later, ErrorCode::kCoordinatorNotAvailable);
               self->prepare_rebalance(later);
             });
}

void Group::assigned(GroupTurn& turn, std::map<std::string, std::string> assignments) {
  transition(turn, State::kStable);
  for (auto& [id, member] : members_) {
    member.assignment = std::move(assignments[id]);
    if (!member.sync) continue;
    touch(turn, member);
    SyncGroupResponse response;
    response.protocol_type = protocol_type_;
    response.protocol_name = protocol_;
    response.assignment.data = member.assignment;
    answer_sync(turn, member, std::move(response));
  }
}

void Group::fail_syncs(GroupTurn& turn, ErrorCode error) {
  for (auto& [id, member] : members_) {
    member.assignment.clear();
    if (!member.sync) continue;
    touch(turn, member);
    answer_sync(turn, member, refused(error));
  }
}

void Group::synced(GroupMember& member) {
  member.awaits_sync = false;
  for (const auto& [id, each] : members_)
    if (each.awaits_sync) return;
  sync_deadline_.clear();
}

/// Members that joined but never came for their share are taken for dead.
void Group::sync_is_due(GroupTurn& turn) {
  if (state_ != State::kCompleting && state_ != State::kStable) return;
  std::vector<std::string> silent;
  for (const auto& [id, member] : members_)
    if (member.awaits_sync) silent.push_back(id);
  if (silent.empty()) return;
  for (const std::string& id : silent) remove(turn, id);
  prepare_rebalance(turn);
}

ErrorCode Group::heartbeat(GroupTurn& turn, const HeartbeatRequest& request) {
  if (state_ == State::kDead) return ErrorCode::kCoordinatorNotAvailable;
  const ErrorCode error = check_member(request.member_id, request.group_instance_id);
  if (error != ErrorCode::kNone) return error;
  if (request.generation_id != generation_) return ErrorCode::kIllegalGeneration;
  if (state_ == State::kEmpty) return ErrorCode::kUnknownMemberId;
  touch(turn, members_.at(request.member_id));
  return state_ == State::kPreparing ? ErrorCode::kRebalanceInProgress : ErrorCode::kNone;
}

ErrorCode Group::check_commit(GroupTurn& turn, const std::string& member_id,
                              const std::optional<std::string>& instance_id, int32_t generation,
                              bool transactional) {
  if (state_ == State::kDead) return ErrorCode::kCoordinatorNotAvailable;
  // Of a consumer that keeps its offsets here and assigns partitions to itself, or of a tool.
  if (generation < 0 && state_ == State::kEmpty) return ErrorCode::kNone;
  if (generation >= 0 || !member_id.empty() || instance_id) {
    const ErrorCode error = check_member(member_id, instance_id);
    if (error != ErrorCode::kNone) return error;
    if (generation != generation_) return ErrorCode::kIllegalGeneration;
  } else if (!transactional) {
    return ErrorCode::kUnknownMemberId;
  }
  if (transactional) return ErrorCode::kNone;
  if (state_ == State::kCompleting) return ErrorCode::kRebalanceInProgress;
  if (const auto found = members_.find(member_id); found != members_.end())
    touch(turn, found->second);
  return ErrorCode::kNone;
}

std::vector<LeaveGroupResponse::Member> Group::leave(
    GroupTurn& turn, const std::vector<LeaveGroupRequest::Member>& who) {
  std::vector<LeaveGroupResponse::Member> out;
  bool left = false;
  for (const LeaveGroupRequest::Member& each : who) {
    auto& response = out.emplace_back();
    response.member_id = each.member_id;
    response.group_instance_id = each.group_instance_id;
    // A tool removes a static member by its instance alone.
    const auto fixed = each.member_id.empty() && each.group_instance_id
                           ? static_members_.find(*each.group_instance_id)
                           : static_members_.end();
    const std::string id = fixed != static_members_.end() ? fixed->second : each.member_id;
    if (!each.group_instance_id && pending_.erase(id) > 0) {
      left = true;
      continue;
    }
    response.error = check_member(id, each.group_instance_id);
    if (response.error != ErrorCode::kNone) continue;
    remove(turn, id);
    left = true;
  }
  if (left) after_removal(turn);
  return out;
}

}  // namespace cne::kafka
