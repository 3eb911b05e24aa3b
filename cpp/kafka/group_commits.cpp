#include <algorithm>
#include <utility>

#include "kafka/consumer_protocol.h"
#include "kafka/group_coordinator.h"

namespace cne::kafka {

namespace {

/// Sets an error where there is none yet.
void fail_rest(OffsetCommitResponse& response, ErrorCode error) {
  for (auto& topic : response.topics)
    for (auto& partition : topic.partitions)
      if (partition.error == ErrorCode::kNone) partition.error = error;
}

}  // namespace

ErrorCode GroupCoordinator::check_commit(GroupTurn& turn, const GroupClient& client,
                                         const OffsetCommitRequest& request) {
  if (const Slot* slot = find(request.group_id); slot != nullptr && slot->consumer) {
    const ErrorCode error = slot->consumer->check_commit(
        request.member_id, request.group_instance_id, request.generation_id, false, client.version);
    const bool is_old = error == ErrorCode::kStaleMemberEpoch && client.version < 9;
    return is_old ? ErrorCode::kIllegalGeneration : error;
  }
  // A group that does not exist begins with the offsets of a consumer that assigns to itself.
  Group* group = classic(request.group_id, request.generation_id < 0);
  if (group == nullptr)
    return client.version >= 9 ? ErrorCode::kGroupIdNotFound : ErrorCode::kIllegalGeneration;
  return group->check_commit(turn, request.member_id, request.group_instance_id,
                             request.generation_id, false);
}

void GroupCoordinator::offset_commit(const GroupClient& client, const OffsetCommitRequest& request,
                                     GroupReply<OffsetCommitResponse> reply) {
  OffsetCommitResponse response;
  std::vector<OffsetCommit> commits;
  const int64_t max_metadata = metadata_limit();
  const bool by_id = client.version >= 10;
  for (const auto& asked : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = asked.name;
    topic.topic_id = asked.topic_id;
    const auto known = by_id ? topics_.find(asked.topic_id) : topics_.find(asked.name);
    for (const auto& partition : asked.partitions) {
      auto& out = topic.partitions.emplace_back();
      out.index = partition.index;
      if (!known) {
        out.error = by_id ? ErrorCode::kUnknownTopicId : ErrorCode::kUnknownTopicOrPartition;
      } else if (!known->has(partition.index)) {
        out.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (partition.metadata &&
                 static_cast<int64_t>(partition.metadata->size()) > max_metadata) {
        out.error = ErrorCode::kOffsetMetadataTooLarge;
      } else {
        OffsetValue value;
        value.offset = partition.offset;
        value.leader_epoch = partition.leader_epoch;
        value.metadata = partition.metadata.value_or("");
        value.topic_id = known->id;
        commits.push_back({known->name, partition.index, std::move(value)});
      }
    }
  }
  run([&](GroupTurn& turn) {
    const ErrorCode error = check_commit(turn, client, request);
    if (error != ErrorCode::kNone || commits.empty()) {
      fail_rest(response, error);
      turn.reply(std::move(reply), std::move(response));
      return drop_if_blank(request.group_id);
    }
    for (OffsetCommit& each : commits) {
      each.value.commit_timestamp = turn.wall_ms();
      if (request.retention_time_ms >= 0)
        each.value.expire_timestamp = turn.wall_ms() + request.retention_time_ms;
    }
    commit(turn, request.group_id, std::move(commits),
           [reply = std::move(reply), response = std::move(response)](GroupTurn& later,
                                                                      ErrorCode failed) mutable {
             if (failed != ErrorCode::kNone) fail_rest(response, failed);
             later.reply(std::move(reply), std::move(response));
           });
  });
}

/// Readers see them when they are safe: an offset that was seen never goes back.
void GroupCoordinator::commit(GroupTurn& turn, const std::string& group_id,
                              std::vector<OffsetCommit> commits,
                              std::function<void(GroupTurn&, ErrorCode)> done) {
  GroupOffsets& offsets = slots_[group_id].offsets;
  GroupRecords records;
  for (const OffsetCommit& each : commits) {
    GroupRecord& record = records.emplace_back();
    record.key.kind = GroupRecordKind::kOffset;
    record.key.group_id = group_id;
    record.key.topic = each.topic;
    record.key.partition = each.partition;
    record.value = encode_value(each.value);
    offsets.begin();
  }
  const uint64_t order = ++order_;
  turn.write(group_id, std::move(records),
             [this, group_id, order, commits = std::move(commits), done = std::move(done)](
                 GroupTurn& later, bool ok) {
               GroupOffsets& written = slots_[group_id].offsets;
               for (const OffsetCommit& each : commits)
                 ok ? written.commit(each, order) : written.fail();
               drop_if_blank(group_id);
               done(later, ok ? ErrorCode::kNone : ErrorCode::kCoordinatorNotAvailable);
             });
}

ErrorCode GroupCoordinator::check_fetch(const OffsetFetchRequest::Group& request) {
  const Slot* slot = find(request.group_id);  // members of classic groups are not checked
  if (slot == nullptr || !slot->consumer) return ErrorCode::kNone;
  return slot->consumer->check_fetch(request.member_id, request.member_epoch);
}

OffsetFetchResponse::Group GroupCoordinator::offset_fetch(const GroupClient& client,
                                                          const OffsetFetchRequest::Group& request,
                                                          bool require_stable) {
  const bool by_id = client.version >= 10;
  OffsetFetchResponse::Group out;
  out.group_id = request.group_id;
  const std::lock_guard lock(mutex_);
  out.error = check_fetch(request);
  if (out.error != ErrorCode::kNone) return out;
  const Slot* slot = find(request.group_id);
  const auto answer = [&](const std::string& name, int32_t index) {
    OffsetFetchResponse::Partition partition;
    partition.index = index;
    partition.metadata = "";
    if (slot == nullptr) return partition;
    if (require_stable && slot->offsets.is_unstable(name, index)) {
      partition.error = ErrorCode::kUnstableOffsetCommit;
    } else if (const OffsetValue* value = slot->offsets.find(name, index)) {
      partition.offset = value->offset;
      partition.leader_epoch = value->leader_epoch;
      partition.metadata = value->metadata;
    }
    return partition;
  };
  if (request.topics) {
    for (const auto& asked : *request.topics) {
      const auto known = by_id ? topics_.find(asked.topic_id) : std::nullopt;
      auto& topic = out.topics.emplace_back();
      topic.name = known ? known->name : asked.name;
      topic.topic_id = asked.topic_id;
      for (const int32_t index : asked.partitions) {
        if (by_id && !known) {
          OffsetFetchResponse::Partition& partition = topic.partitions.emplace_back();
          partition.index = index;
          partition.metadata = "";
          partition.error = ErrorCode::kUnknownTopicId;
        } else {
          topic.partitions.push_back(answer(topic.name, index));
        }
      }
    }
    return out;
  }
  if (slot == nullptr) return out;
  for (const auto& [name, index] : slot->offsets.places()) {
    if (slot->offsets.find(name, index) == nullptr && !require_stable) continue;
    if (out.topics.empty() || out.topics.back().name != name) {
      const auto known = by_id ? topics_.find(name) : std::nullopt;
      if (by_id && !known) continue;  // it has no id to be named by
      out.topics.emplace_back().name = name;
      if (known) out.topics.back().topic_id = known->id;
    }
    out.topics.back().partitions.push_back(answer(name, index));
  }
  return out;
}

GroupRecords GroupCoordinator::erase_offsets(Slot& slot, const std::string& group_id,
                                             const std::vector<GroupOffsets::Place>& places) {
  GroupRecords records;
  const uint64_t order = ++order_;
  for (const auto& [topic, partition] : places) {
    GroupRecord& record = records.emplace_back();
    record.key.kind = GroupRecordKind::kOffset;
    record.key.group_id = group_id;
    record.key.topic = topic;
    record.key.partition = partition;
    slot.offsets.erase(topic, partition, order);
  }
  return records;
}

void GroupCoordinator::offset_delete(const OffsetDeleteRequest& request,
                                     GroupReply<OffsetDeleteResponse> reply) {
  OffsetDeleteResponse response;
  run([&](GroupTurn& turn) {
    Slot* slot = find(request.group_id);
    if (request.group_id.empty())
      response.error = ErrorCode::kInvalidGroupId;
    else if (slot == nullptr || (!slot->classic && !slot->consumer))
      response.error = ErrorCode::kGroupIdNotFound;
    else if (slot->classic && !is_empty(*slot) &&
             slot->classic->protocol_type() != kConsumerProtocolType)
      response.error = ErrorCode::kNonEmptyGroup;
    if (response.error != ErrorCode::kNone)
      return turn.reply(std::move(reply), std::move(response));

    std::vector<GroupOffsets::Place> places;
    for (const auto& asked : request.topics) {
      auto& topic = response.topics.emplace_back();
      topic.name = asked.name;
      const bool known = topics_.find(asked.name).has_value();
      const bool subscribed = slot->classic ? slot->classic->is_subscribed_to(asked.name)
                                            : slot->consumer->is_subscribed_to(asked.name);
      for (const int32_t index : asked.partitions) {
        auto& partition = topic.partitions.emplace_back();
        partition.index = index;
        if (!known)
          partition.error = ErrorCode::kUnknownTopicOrPartition;
        else if (subscribed)
          partition.error = ErrorCode::kGroupSubscribedToTopic;
        else if (slot->offsets.knows(asked.name, index))
          places.emplace_back(asked.name, index);
      }
    }
    if (places.empty()) return turn.reply(std::move(reply), std::move(response));
    GroupRecords records = erase_offsets(*slot, request.group_id, places);
    turn.write(request.group_id, std::move(records),
               [this, id = request.group_id, reply = std::move(reply),
                response = std::move(response)](GroupTurn& later, bool ok) mutable {
                 if (!ok) response.error = ErrorCode::kCoordinatorNotAvailable;
                 drop_if_blank(id);
                 later.reply(std::move(reply), std::move(response));
               });
  });
}

}  // namespace cne::kafka
