#include <utility>

#include "kafka/group_coordinator.h"

namespace cne::kafka {

void GroupCoordinator::txn_offset_commit(const GroupClient& client,
                                         const TxnOffsetCommitRequest& request,
                                         GroupReply<TxnOffsetCommitResponse> reply,
                                         std::optional<uint64_t> verification) {
  TxnOffsetCommitResponse response;
  std::vector<OffsetCommit> commits;
  const int64_t max_metadata = metadata_limit();
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    const auto known = topics_.find(asked.name);
    for (const auto& partition : asked.partitions) {
      auto& out = topic.partitions.emplace_back();
      out.index = partition.index;
      if (!known || !known->has(partition.index)) {
        out.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (partition.committed_metadata &&
                 static_cast<int64_t>(partition.committed_metadata->size()) > max_metadata) {
        out.error = ErrorCode::kOffsetMetadataTooLarge;
      } else {
        OffsetValue value;
        value.offset = partition.committed_offset;
        value.leader_epoch = partition.committed_leader_epoch;
        value.metadata = partition.committed_metadata.value_or("");
        value.topic_id = known->id;
        commits.push_back({asked.name, partition.index, std::move(value)});
      }
    }
  }
  const auto fail = [](TxnOffsetCommitResponse& to, ErrorCode error) {
    for (auto& topic : to.topics)
      for (auto& partition : topic.partitions)
        if (partition.error == ErrorCode::kNone) partition.error = error;
  };
  run([&](GroupTurn& turn) {
    const ErrorCode error = check_txn_commit(turn, client, request);
    if (error != ErrorCode::kNone || commits.empty()) {
      fail(response, error);
      turn.reply(std::move(reply), std::move(response));
      return drop_if_blank(request.group_id);
    }
    GroupOffsets& offsets = slots_[request.group_id].offsets;
    const uint64_t order = ++order_;
    GroupRecords records;
    for (OffsetCommit& each : commits) {
      each.value.commit_timestamp = turn.wall_ms();
      GroupRecord& record = records.emplace_back();
      record.key.kind = GroupRecordKind::kOffset;
      record.key.group_id = request.group_id;
      record.key.topic = each.topic;
      record.key.partition = each.partition;
      record.value = encode_value(each.value);
      offsets.pend(request.producer_id, each, order);
    }
    transactions_[request.producer_id].insert(request.group_id);
    turn.write(request.group_id, std::move(records),
               [this, fail, id = request.group_id, producer = request.producer_id, order,
                commits = std::move(commits), reply = std::move(reply),
                response = std::move(response)](GroupTurn& later, bool ok) mutable {
                 if (!ok) {
                   for (const OffsetCommit& each : commits)
                     slots_[id].offsets.unpend(producer, each, order);
                   fail(response, ErrorCode::kCoordinatorNotAvailable);
                   drop_if_blank(id);
                 }
                 later.reply(std::move(reply), std::move(response));
               });
    turn.writes.back().transaction =
        GroupTransaction{request.producer_id, request.producer_epoch, verification};
  });
}

ErrorCode GroupCoordinator::check_txn_commit(GroupTurn& turn, const GroupClient& client,
                                             const TxnOffsetCommitRequest& request) {
  if (request.group_id.empty()) return ErrorCode::kInvalidGroupId;
  if (const Slot* slot = find(request.group_id); slot != nullptr && slot->consumer) {
    const ErrorCode error = slot->consumer->check_commit(
        request.member_id, request.group_instance_id, request.generation_id, true, client.version);
    // The response has no code for a member's epoch.
    return error == ErrorCode::kStaleMemberEpoch ? ErrorCode::kIllegalGeneration : error;
  }
  Group* group = classic(request.group_id, request.generation_id < 0);
  if (group == nullptr) return ErrorCode::kIllegalGeneration;
  return group->check_commit(turn, request.member_id, request.group_instance_id,
                             request.generation_id, true);
}

void GroupCoordinator::end_transaction(int32_t partition, int64_t producer_id, bool committed) {
  run([&](GroupTurn&) { end_transaction_now(partition, producer_id, committed); });
}

void GroupCoordinator::end_transaction_now(int32_t partition, int64_t producer_id, bool committed) {
  const auto found = transactions_.find(producer_id);
  if (found == transactions_.end()) return;
  for (auto group = found->second.begin(); group != found->second.end();) {
    if (partition_of(*group) != partition) {
      ++group;
      continue;
    }
    if (Slot* slot = find(*group)) {
      slot->offsets.end_transaction(producer_id, committed);
      drop_if_blank(*group);
    }
    group = found->second.erase(group);
  }
  if (found->second.empty()) transactions_.erase(found);
}

}  // namespace cne::kafka
