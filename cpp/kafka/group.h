#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/group_config.h"
#include "kafka/group_member.h"
#include "kafka/group_turn.h"
#include "kafka/messages/describe_groups.h"
#include "kafka/messages/heartbeat.h"
#include "kafka/messages/leave_group.h"

namespace cne::kafka {

/// A group of the classic protocol: members join, the leader assigns, all get their share.
///
///     Empty ──join──► PreparingRebalance ──all joined──► CompletingRebalance ──leader synced──►
///     Stable
///       ▲                    │    ▲                               │ │ └──────all left──────┘
///       └────────join, leave, timeout───┴───────────────────────────────┘
///
/// A pure state machine: time comes in with the turn, records and replies go out by it. Every join
/// and sync is answered once. Not thread safe; its coordinator has the lock.
class Group : public std::enable_shared_from_this<Group> {
 public:
  enum class State : uint8_t { kEmpty, kPreparing, kCompleting, kStable, kDead };

  Group(std::string id, const GroupConfig& config) : id_(std::move(id)), config_(config) {}

  // Requests. Their session timeouts and group ids were checked.
  void join(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
            GroupReply<JoinGroupResponse> reply);
  void sync(GroupTurn& turn, const SyncGroupRequest& request, GroupReply<SyncGroupResponse> reply);
  ErrorCode heartbeat(GroupTurn& turn, const HeartbeatRequest& request);
  std::vector<LeaveGroupResponse::Member> leave(GroupTurn& turn,
                                                const std::vector<LeaveGroupRequest::Member>& who);
  /// Whether this member may commit offsets now; a sign of life when it may.
  ErrorCode check_commit(GroupTurn& turn, const std::string& member_id,
                         const std::optional<std::string>& instance_id, int32_t generation,
                         bool transactional);
  DescribeGroupsResponse::Group describe() const;
  void expire(GroupTurn& turn, const GroupTimer& timer);

  /// As it was when its record was written; members' sessions begin anew.
  void restore(GroupTurn& turn, const GroupValue& value);
  /// Whoever waits is told this.
  void send_away(GroupTurn& turn, ErrorCode error);
  /// All members have to join again.
  void rebalance(GroupTurn& turn) { prepare_rebalance(turn); }
  /// It was deleted: whoever waits is told.
  void die(GroupTurn& turn);

  const std::string& id() const { return id_; }
  State state() const { return state_; }
  const char* state_name() const;
  const std::string& protocol_type() const { return protocol_type_; }
  int32_t generation() const { return generation_; }
  const std::string& leader() const { return leader_; }
  const std::string& protocol() const { return protocol_; }
  const std::map<std::string, GroupMember>& members() const { return members_; }
  /// Nobody is in it or about to be, and nothing of it was written.
  bool is_blank() const {
    return state_ == State::kEmpty && pending_.empty() && generation_ == 0 && !written_;
  }
  /// When it got into its state, by the calendar; -1: unknown.
  int64_t state_since_ms() const { return state_since_ms_; }
  bool was_written() const { return written_; }
  /// The topics that its members consume, where they speak the protocol of consumers.
  const std::optional<std::set<std::string>>& subscribed() const { return subscribed_; }
  bool is_subscribed_to(const std::string& topic) const;

 private:
  // group.cpp
  ErrorCode check_member(const std::string& member_id,
                         const std::optional<std::string>& instance_id) const;
  void transition(GroupTurn& turn, State state);
  void add(GroupMember member);
  void remove(GroupTurn& turn, const std::string& member_id);
  void count_protocols(const GroupMember& member, int by);
  bool supports(const std::string& type,
                const std::vector<JoinGroupRequest::Protocol>& protocols) const;
  bool is_candidate(const std::string& protocol) const;
  std::string select_protocol() const;
  std::optional<std::set<std::string>> find_subscribed() const;
  int64_t rebalance_timeout_ms() const;
  void touch(GroupTurn& turn, GroupMember& member);
  GroupRecord record(const std::map<std::string, std::string>* assignments) const;
  void answer_join(GroupTurn& turn, GroupMember& member, JoinGroupResponse response);
  void answer_sync(GroupTurn& turn, GroupMember& member, SyncGroupResponse response);

  // group_join.cpp
  bool accepts(const std::string& member_id) const;
  void join_new(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                GroupReply<JoinGroupResponse> reply);
  void join_again(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                  GroupReply<JoinGroupResponse> reply);
  void add_and_rebalance(GroupTurn& turn, const std::string& member_id, const GroupClient& client,
                         const JoinGroupRequest& request, GroupReply<JoinGroupResponse> reply);
  void update(GroupTurn& turn, GroupMember& member, const JoinGroupRequest& request,
              GroupReply<JoinGroupResponse> reply);
  void replace_static(GroupTurn& turn, const std::string& member_id, const GroupClient& client,
                      const JoinGroupRequest& request, GroupReply<JoinGroupResponse> reply);
  void keep_static(GroupTurn& turn, GroupMember& member, const std::string& old_leader,
                   const GroupClient& client);
  JoinGroupResponse joined(const GroupMember& member) const;
  std::vector<JoinGroupResponse::Member> listed_members() const;

  // group_rebalance.cpp
  bool all_joined() const;
  void rebalance_or_complete(GroupTurn& turn);
  void prepare_rebalance(GroupTurn& turn);
  void complete_join_if_ready(GroupTurn& turn);
  void complete_join(GroupTurn& turn);
  void join_is_due(GroupTurn& turn);
  bool elect_leader();
  void after_removal(GroupTurn& turn);

  // group_sync.cpp
  void assign(GroupTurn& turn, const SyncGroupRequest& request);
  void assigned(GroupTurn& turn, std::map<std::string, std::string> assignments);
  void fail_syncs(GroupTurn& turn, ErrorCode error);
  void synced(GroupMember& member);
  void sync_is_due(GroupTurn& turn);

  const std::string id_;
  const GroupConfig& config_;
  State state_ = State::kEmpty;
  State previous_ = State::kEmpty;
  int64_t state_since_ms_ = -1;
  bool written_ = false;
  std::string protocol_type_;
  std::string protocol_;
  std::string leader_;
  int32_t generation_ = 0;
  std::map<std::string, GroupMember> members_;
  std::map<std::string, std::string> static_members_;  // instance id to member id
  std::map<std::string, size_t> protocol_counts_;      // members that support it
  size_t joining_ = 0;                                 // members that wait for a join
  std::optional<std::set<std::string>> subscribed_;

  /// Ids that were given out (MEMBER_ID_REQUIRED) and have not come back.
  struct Pending {
    GroupDeadline deadline;
  };
  std::map<std::string, Pending> pending_;

  // Of the rebalance that is being prepared.
  GroupDeadline join_deadline_;
  bool initial_delay_ = false;  // the deadline is that of a group's first members
  bool joined_lately_ = false;  // someone new came since it was set
  int64_t delay_ms_ = 0;        // how long this part of the delay is
  int64_t delay_left_ms_ = 0;   // how much longer it may become
  GroupDeadline sync_deadline_;
};

}  // namespace cne::kafka
