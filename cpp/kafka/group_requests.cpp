#include <utility>

#include "kafka/group_coordinator.h"

namespace cne::kafka {

void GroupCoordinator::join_group(const GroupClient& client, const JoinGroupRequest& request,
                                  GroupReply<JoinGroupResponse> reply) {
  run([&](GroupTurn& turn) {
    make_classic_if_empty(turn, request.group_id);
    JoinGroupResponse refused;
    refused.member_id = request.member_id;
    if (request.group_id.empty()) {
      refused.error = ErrorCode::kInvalidGroupId;
    } else if (request.session_timeout_ms < config_.min_session_timeout_ms ||
               request.session_timeout_ms > config_.max_session_timeout_ms) {
      refused.error = ErrorCode::kInvalidSessionTimeout;
    } else if (ConsumerGroup* consumers = consumer(turn, request.group_id, false)) {
      consumers->join_classic(turn, client, request, std::move(reply));
      return make_classic_if_all_are(turn, request.group_id);
    } else if (Group* group = classic(request.group_id, request.member_id.empty())) {
      group->join(turn, client, request, std::move(reply));
      return drop_if_blank(request.group_id);
    } else {
      refused.error = ErrorCode::kUnknownMemberId;
    }
    turn.reply(std::move(reply), std::move(refused));
  });
}

void GroupCoordinator::sync_group(const SyncGroupRequest& request,
                                  GroupReply<SyncGroupResponse> reply) {
  run([&](GroupTurn& turn) {
    if (ConsumerGroup* consumers = consumer(turn, request.group_id, false))
      return consumers->sync_classic(turn, request, std::move(reply));
    if (Group* group = classic(request.group_id, false))
      return group->sync(turn, request, std::move(reply));
    SyncGroupResponse refused;
    refused.error =
        request.group_id.empty() ? ErrorCode::kInvalidGroupId : ErrorCode::kUnknownMemberId;
    turn.reply(std::move(reply), std::move(refused));
  });
}

void GroupCoordinator::heartbeat(const HeartbeatRequest& request,
                                 GroupReply<HeartbeatResponse> reply) {
  run([&](GroupTurn& turn) {
    HeartbeatResponse response;
    if (ConsumerGroup* consumers = consumer(turn, request.group_id, false))
      response.error = consumers->heartbeat_classic(turn, request);
    else if (Group* group = classic(request.group_id, false))
      response.error = group->heartbeat(turn, request);
    else
      response.error =
          request.group_id.empty() ? ErrorCode::kInvalidGroupId : ErrorCode::kUnknownMemberId;
    turn.reply(std::move(reply), std::move(response));
  });
}

void GroupCoordinator::leave_group(const LeaveGroupRequest& request,
                                   GroupReply<LeaveGroupResponse> reply) {
  run([&](GroupTurn& turn) {
    LeaveGroupResponse response;
    if (ConsumerGroup* consumers = consumer(turn, request.group_id, false)) {
      response.members = consumers->leave_classic(turn, request.members);
      make_classic_if_all_are(turn, request.group_id);
    } else if (Group* group = classic(request.group_id, false)) {
      response.members = group->leave(turn, request.members);
      drop_if_blank(request.group_id);
    } else {
      response.error =
          request.group_id.empty() ? ErrorCode::kInvalidGroupId : ErrorCode::kUnknownMemberId;
    }
    turn.reply(std::move(reply), std::move(response));
  });
}

}  // namespace cne::kafka
