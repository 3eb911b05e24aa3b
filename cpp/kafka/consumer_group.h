#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/assignment.h"
#include "kafka/assignor.h"
#include "kafka/consumer_member.h"
#include "kafka/group_config.h"
#include "kafka/group_log.h"
#include "kafka/group_turn.h"
#include "kafka/messages/consumer_group_describe.h"
#include "kafka/messages/consumer_protocol.h"
#include "kafka/messages/heartbeat.h"
#include "kafka/messages/leave_group.h"
#include "kafka/messages/sync_group.h"

namespace cne::kafka {

class Group;

/// A group of the consumer protocol (KIP-848): the broker assigns, and each member moves to its
/// target by its own heartbeats.
///
/// Whatever changes who shall have what raises the group's epoch; then the target assignment is
/// made anew, and each member is brought to it step by step (see reconcile): it gives up first, and
/// gets what others gave up. So a partition has one owner at any time. A pure state machine as
/// Group; not thread safe.
class ConsumerGroup : public std::enable_shared_from_this<ConsumerGroup> {
 public:
  using HeartbeatReply = GroupReply<ConsumerGroupHeartbeatResponse>;

  ConsumerGroup(std::string id, const GroupConfig& config, GroupTopics& topics)
      : id_(std::move(id)), config_(config), topics_(topics) {}

  /// A heartbeat of a member, also the one by which it joins or leaves. The request was checked by
  /// check_heartbeat.
  void heartbeat(GroupTurn& turn, const GroupClient& client,
                 const ConsumerGroupHeartbeatRequest& request, HeartbeatReply reply);
  ErrorCode check_commit(const std::string& member_id,
                         const std::optional<std::string>& instance_id, int32_t epoch,
                         bool transactional, int16_t version) const;
  ErrorCode check_fetch(const std::optional<std::string>& member_id, int32_t epoch) const;
  ConsumerGroupDescribeResponse::Group describe() const;
  void expire(GroupTurn& turn, const GroupTimer& timer);

  // Members of the classic protocol: consumer_classic.cpp. Session timeouts were checked.
  void join_classic(GroupTurn& turn, const GroupClient& client, const JoinGroupRequest& request,
                    GroupReply<JoinGroupResponse> reply);
  void sync_classic(GroupTurn& turn, const SyncGroupRequest& request,
                    GroupReply<SyncGroupResponse> reply);
  ErrorCode heartbeat_classic(GroupTurn& turn, const HeartbeatRequest& request);
  std::vector<LeaveGroupResponse::Member> leave_classic(
      GroupTurn& turn, const std::vector<LeaveGroupRequest::Member>& who);
  /// A classic group with its members as it is now; null when its members are no consumers, or
  /// cannot be understood.
  static std::shared_ptr<ConsumerGroup> upgrade(GroupTurn& turn, const Group& from,
                                                const GroupConfig& config, GroupTopics& topics);
  /// Nobody is left who needs the consumer protocol.
  bool is_all_classic() const;
  /// The classic group of its members, all of which are classic.
  GroupValue downgrade(int64_t wall_ms) const;
  /// Writes what has changed, or could not be written before, and `also`, all or nothing.
  void save(GroupTurn& turn, GroupRecords also = {}, GroupTurn::Done done = {});

  // From the log.
  void replay(const GroupRecordKey& key, const std::optional<std::string_view>& value);
  /// All was read: members' sessions begin anew.
  void restored(GroupTurn& turn);
  /// What deletes it from the log, once it is empty.
  GroupRecords tombstones() const;
  void die() { dead_ = true; }

  const std::string& id() const { return id_; }
  const char* state_name() const;
  int32_t epoch() const { return epoch_; }
  int32_t assignment_epoch() const { return assignment_epoch_; }
  const std::map<std::string, ConsumerMember>& members() const { return members_; }
  bool is_empty() const { return members_.empty(); }
  /// Nothing of it was ever written.
  bool is_blank() const { return members_.empty() && epoch_ == 0; }
  bool is_subscribed_to(const std::string& topic) const;

 private:
  struct Failure {
    ErrorCode error;
    std::string why;
  };
  /// What a heartbeat works on.
  struct Step {
    std::optional<Failure> failure;
    bool is_new = false;  // the member
    void fail(ErrorCode error, std::string why) { failure = {error, std::move(why)}; }
  };

  // consumer_group.cpp
  GroupRecordKey key_of(GroupRecordKind kind, const std::string& member_id = {}) const;
  GroupRecord record(GroupRecordKind kind, const std::string& member_id) const;
  void change(GroupRecordKind kind, const std::string& member_id = {});
  void claim(const ConsumerMember& member);
  void release(const ConsumerMember& member);
  void remove(std::string member_id);
  ConsumerMember* find_static(const std::string& instance_id);
  void keep_session(GroupTurn& turn, ConsumerMember& member);

  // consumer_group_heartbeat.cpp
  ConsumerMember* enter(Step& step, const std::string& member_id,
                        const ConsumerGroupHeartbeatRequest& request);
  ConsumerMember* enter_static(Step& step, const std::string& member_id,
                               const ConsumerGroupHeartbeatRequest& request);
  ConsumerMember& add(const std::string& member_id);
  ConsumerMember& take_over(ConsumerMember& old, const std::string& member_id);
  static bool is_current(Step& step, const ConsumerMember& member,
                         const ConsumerGroupHeartbeatRequest& request);
  bool update(Step& step, ConsumerMember& member, const GroupClient& client,
              const ConsumerGroupHeartbeatRequest& request);
  void leave(GroupTurn& turn, const ConsumerGroupHeartbeatRequest& request, HeartbeatReply reply);
  void finish(GroupTurn& turn, ConsumerGroupHeartbeatResponse response, HeartbeatReply reply);

  // consumer_classic.cpp
  Assignment by_id(const std::vector<ConsumerProtocolTopic>& topics) const;
  std::string classic_assignment(const ConsumerMember& member, const Assignment& partitions) const;
  std::set<std::string> classic_protocols() const;
  bool has_classic() const;
  ConsumerMember* enter_classic(Step& step, const std::string& member_id, bool unknown,
                                const std::optional<std::string>& instance_id);
  ConsumerMember* find_classic(const std::string& member_id,
                               const std::optional<std::string>& instance_id,
                               std::optional<int32_t> generation, ErrorCode& error);
  bool waits_for_others(const ConsumerMember& member) const;
  void ask_to_rejoin(GroupTurn& turn, ConsumerMember& member);

  // consumer_group_target.cpp
  std::set<std::string> names_of(const ConsumerMember& member) const;
  void resolve(const GroupClient* client, int64_t now_ms);
  bool rights_are_old(const GroupClient& client, int64_t now_ms) const;
  int64_t hash_topics() const;
  void look_at_topics(bool changed, const GroupClient* client, int64_t now_ms);
  void assign();
  std::string_view assignor() const;
  bool move(GroupTurn& turn, ConsumerMember& member, const std::optional<Assignment>& owned);

  const std::string id_;
  const GroupConfig& config_;
  GroupTopics& topics_;
  bool dead_ = false;
  int32_t epoch_ = 0;
  int32_t assignment_epoch_ = 0;
  std::map<std::string, ConsumerMember> members_;
  std::map<std::string, std::string> static_members_;      // instance id to member id
  std::map<std::string, Assignment> target_;               // by member
  std::map<Uuid, std::map<int32_t, std::string>> owners_;  // who has a partition, or gives it up

  /// What is not written as it is: a kind of record, and a member.
  using Key = std::pair<GroupRecordKind, std::string>;
  std::set<Key> changed_;

  // What the subscriptions mean at one version of the topics.
  std::optional<uint64_t> topics_version_;
  int64_t matched_at_ms_ = 0;
  int64_t metadata_hash_ = 0;
  std::map<std::string, std::set<std::string>> matched_;  // by regular expression
  std::map<std::string, GroupTopics::Topic> wanted_;      // those that exist, by name
};

/// What is wrong with a heartbeat whichever group it is for; none: nothing.
struct HeartbeatFault {
  ErrorCode error = ErrorCode::kNone;
  std::string why;
};
HeartbeatFault check_heartbeat(const ConsumerGroupHeartbeatRequest& request, int16_t version);

}  // namespace cne::kafka
