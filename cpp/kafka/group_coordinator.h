#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "kafka/consumer_group.h"
#include "kafka/group.h"
#include "kafka/group_config.h"
#include "kafka/group_log.h"
#include "kafka/group_offsets.h"
#include "kafka/group_turn.h"
#include "kafka/messages/delete_groups.h"
#include "kafka/messages/list_groups.h"
#include "kafka/messages/offset_commit.h"
#include "kafka/messages/offset_delete.h"
#include "kafka/messages/offset_fetch.h"
#include "kafka/messages/txn_offset_commit.h"

namespace cne::kafka {

/// All groups of a broker: who is in them, what they consume, how far they are.
///
/// Every change is a record of `log` before it is acknowledged, so that `load` brings back what
/// was. Thread safe by one mutex; replies are called without it, in the call or later on any
/// thread. Deadlines are met by `tick`, for which `on_wake` asks. The log, the topics and the
/// clocks must outlive it. Must be held by a shared_ptr: acknowledgements that come late are
/// dropped.
class GroupCoordinator : public std::enable_shared_from_this<GroupCoordinator> {
 public:
  struct Clocks {
    const Clock* steady;  // only goes forward: timeouts
    const Clock* wall;    // times that are kept
  };
  GroupCoordinator(GroupConfig config, GroupLog& log, GroupTopics& topics, Clocks clocks);

  /// Reads the log. Before it nothing else may be called. Throws what reading throws.
  void load();
  /// Other settings from now on; they hold for groups that are there, too.
  void configure(GroupConfig config);
  /// What single groups of the new protocol have of their own, from the next heartbeat on.
  void set_consumer_times(std::map<std::string, ConsumerTimes, std::less<>> of_groups);
  /// Called without the lock when there is a deadline before all that were told.
  void on_wake(std::function<void(int64_t at_ms)> wake);
  /// Does what is due by the steady clock.
  void tick();
  /// Of the steady clock; kNever when there is nothing to wait for.
  int64_t next_deadline();

  // Classic groups: group_requests.cpp.
  void join_group(const GroupClient& client, const JoinGroupRequest& request,
                  GroupReply<JoinGroupResponse> reply);
  void sync_group(const SyncGroupRequest& request, GroupReply<SyncGroupResponse> reply);
  void heartbeat(const HeartbeatRequest& request, GroupReply<HeartbeatResponse> reply);
  void leave_group(const LeaveGroupRequest& request, GroupReply<LeaveGroupResponse> reply);

  // Groups of the consumer protocol: consumer_requests.cpp.
  void consumer_heartbeat(const GroupClient& client, const ConsumerGroupHeartbeatRequest& request,
                          GroupReply<ConsumerGroupHeartbeatResponse> reply);
  ConsumerGroupDescribeResponse::Group describe_consumer_group(const std::string& group_id);

  // All groups: group_admin.cpp.
  ListGroupsResponse list_groups(const ListGroupsRequest& request);
  DescribeGroupsResponse::Group describe_group(const std::string& group_id, int16_t version);
  void delete_groups(const DeleteGroupsRequest& request, GroupReply<DeleteGroupsResponse> reply);
  /// Committed offsets of one group, for metrics and tools.
  std::vector<OffsetCommit> committed_offsets(const std::string& group_id);

  // Offsets: group_commits.cpp. Topics that are named by id have their name after it.
  void offset_commit(const GroupClient& client, const OffsetCommitRequest& request,
                     GroupReply<OffsetCommitResponse> reply);
  /// One group of a request, whichever version it came in.
  OffsetFetchResponse::Group offset_fetch(const GroupClient& client,
                                          const OffsetFetchRequest::Group& request,
                                          bool require_stable);
  void offset_delete(const OffsetDeleteRequest& request, GroupReply<OffsetDeleteResponse> reply);

  // group_expiry.cpp
  /// Offsets of deleted topics go with them.
  void topics_deleted(const std::vector<std::string>& topics);
  /// Removes offsets whose time is over; `tick` calls it every offsets_check_interval_ms.
  void expire_offsets();

  // Transactions: group_transactions.cpp.
  void txn_offset_commit(const GroupClient& client, const TxnOffsetCommitRequest& request,
                         GroupReply<TxnOffsetCommitResponse> reply,
                         std::optional<uint64_t> verification = {});
  /// The marker of a producer's transaction is in a partition of the log.
  void end_transaction(int32_t partition, int64_t producer_id, bool committed);
  /// The partition of the log that has a group's records.
  int32_t partition_of(const std::string& group_id) const;

 private:
  /// What is known under one name.
  struct Slot {
    std::shared_ptr<Group> classic;  // one of the two
    std::shared_ptr<ConsumerGroup> consumer;
    GroupOffsets offsets;
  };
  struct Waiting {
    int64_t next_offset;
    GroupTurn::Done done;
  };
  struct Appended {
    int32_t partition;
    int64_t next_offset;
  };

  // group_coordinator.cpp
  void run(const std::function<void(GroupTurn& turn)>& body);
  void append(GroupTurn& turn, std::vector<Appended>& appended);
  void acknowledged(int32_t partition, int64_t next_offset, bool ok);
  void do_timers(GroupTurn& turn);
  int64_t metadata_limit();
  int64_t first_deadline() const;
  Slot* find(const std::string& group_id);
  /// The classic group of a name, made when there is none of any kind and it is asked for.
  Group* classic(const std::string& group_id, bool create);
  void drop_if_blank(const std::string& group_id);

  // consumer_requests.cpp
  ConsumerGroup* consumer(GroupTurn& turn, const std::string& group_id, bool create);
  void make_classic_if_empty(GroupTurn& turn, const std::string& group_id);
  void make_classic_if_all_are(GroupTurn& turn, const std::string& group_id);

  // group_admin.cpp
  static bool is_empty(const Slot& slot);
  void forget(GroupTurn& turn, Slot& slot, const std::string& group_id, GroupRecords& records);
  void delete_group(GroupTurn& turn, const std::string& group_id,
                    std::function<void(GroupTurn&, ErrorCode)> done);

  // group_commits.cpp
  ErrorCode check_commit(GroupTurn& turn, const GroupClient& client,
                         const OffsetCommitRequest& request);
  ErrorCode check_fetch(const OffsetFetchRequest::Group& request);
  void commit(GroupTurn& turn, const std::string& group_id, std::vector<OffsetCommit> commits,
              std::function<void(GroupTurn&, ErrorCode)> done);
  /// Forgets offsets; returns the tombstones to write for it.
  GroupRecords erase_offsets(Slot& slot, const std::string& group_id,
                             const std::vector<GroupOffsets::Place>& places);

  // group_expiry.cpp
  void expire_offsets(GroupTurn& turn);
  /// Since when nobody wants an offset; nothing while somebody may.
  std::optional<int64_t> unneeded_since_ms(const Slot& slot, const std::string& topic,
                                           const OffsetValue& value) const;

  // group_transactions.cpp
  ErrorCode check_txn_commit(GroupTurn& turn, const GroupClient& client,
                             const TxnOffsetCommitRequest& request);
  void end_transaction_now(int32_t partition, int64_t producer_id, bool committed);

  // group_replay.cpp
  void replay_batches(int32_t partition, const uint8_t* batches, size_t size);
  void replay(const GroupRecordKey& key, const std::optional<std::string_view>& value,
              int64_t producer_id);

  GroupLog& log_;
  GroupTopics& topics_;
  const Clocks clocks_;
  const int32_t partitions_;

  std::mutex mutex_;    // guards what follows
  GroupConfig config_;  // groups refer to it
  std::map<std::string, Slot> slots_;
  std::priority_queue<GroupTimer> timers_;
  std::vector<std::deque<Waiting>> waiting_;               // by partition, ascending
  std::map<int64_t, std::set<std::string>> transactions_;  // producer to groups
  std::map<std::string, GroupValue> loaded_;               // while the log is read
  uint64_t order_ = 0;                                     // of the last thing written
  int64_t check_at_ms_ = 0;   // when offsets are looked at next, steady
  int64_t told_ms_ = kNever;  // the earliest deadline that on_wake knows
  std::function<void(int64_t)> wake_;
};

}  // namespace cne::kafka
