#include <utility>

#include "kafka/consumer_protocol.h"
#include "kafka/group_coordinator.h"

namespace cne::kafka {

/// The consumer group of a name. One is made when it is asked for and there is none, or a classic
/// one, whose offsets it keeps, and its members too if they are consumers.
ConsumerGroup* GroupCoordinator::consumer(GroupTurn& turn, const std::string& group_id,
                                          bool create) {
  Slot* slot = find(group_id);
  if (slot != nullptr && slot->consumer) return slot->consumer.get();
  if (!create) return nullptr;
  if (slot == nullptr) slot = &slots_[group_id];
  std::shared_ptr<ConsumerGroup> group;
  if (slot->classic) {
    const bool empty = slot->classic->state() == Group::State::kEmpty;
    if (!empty) group = ConsumerGroup::upgrade(turn, *slot->classic, config_, topics_);
    if (!empty && !group) return nullptr;
    GroupRecords records;
    slot->classic->send_away(turn, ErrorCode::kRebalanceInProgress);
    forget(turn, *slot, group_id, records);
    if (group)
      group->save(turn, std::move(records));
    else if (!records.empty())
      turn.write(group_id, std::move(records));
  }
  if (!group) group = std::make_shared<ConsumerGroup>(group_id, config_, topics_);
  slot->consumer = std::move(group);
  return slot->consumer.get();
}

/// An empty group can be of any protocol.
void GroupCoordinator::make_classic_if_empty(GroupTurn& turn, const std::string& group_id) {
  Slot* slot = find(group_id);
  if (slot == nullptr || !slot->consumer || !slot->consumer->is_empty()) return;
  GroupRecords records;
  forget(turn, *slot, group_id, records);
  if (!records.empty()) turn.write(group_id, std::move(records));
  slot->classic = std::make_shared<Group>(group_id, config_);
}

/// After the last member of the consumer protocol has gone, those of the classic one assign again.
void GroupCoordinator::make_classic_if_all_are(GroupTurn& turn, const std::string& group_id) {
  Slot* slot = find(group_id);
  if (slot == nullptr || !slot->consumer || !slot->consumer->is_all_classic()) return;
  const GroupValue value = slot->consumer->downgrade(turn.wall_ms());
  GroupRecords records;
  forget(turn, *slot, group_id, records);
  GroupRecord& record = records.emplace_back();
  record.key.kind = GroupRecordKind::kGroup;
  record.key.group_id = group_id;
  record.value = encode_value(value);
  turn.write(group_id, std::move(records));
  slot->classic = std::make_shared<Group>(group_id, config_);
  slot->classic->restore(turn, value);
  slot->classic->rebalance(turn);
}

void GroupCoordinator::consumer_heartbeat(const GroupClient& client,
                                          const ConsumerGroupHeartbeatRequest& request,
                                          GroupReply<ConsumerGroupHeartbeatResponse> reply) {
  const HeartbeatFault fault = check_heartbeat(request, client.version);
  run([&](GroupTurn& turn) {
    ConsumerGroupHeartbeatResponse refused;
    if (fault.error != ErrorCode::kNone) {
      refused.error = fault.error;
      refused.error_message = fault.why;
    } else if (ConsumerGroup* group =
                   consumer(turn, request.group_id,
                            request.member_epoch == ConsumerGroupHeartbeatRequest::kJoin)) {
      group->heartbeat(turn, client, request, std::move(reply));
      make_classic_if_all_are(turn, request.group_id);
      return drop_if_blank(request.group_id);
    } else if (const Slot* slot = find(request.group_id);
               slot != nullptr && slot->classic && slot->classic->generation() == 0 &&
               slot->classic->protocol_type() == kConsumerProtocolType) {
      // Its first members are about to begin; after that it can change its protocol.
      refused.error = ErrorCode::kCoordinatorLoadInProgress;
    } else {
      refused.error = ErrorCode::kGroupIdNotFound;
      refused.error_message = find(request.group_id) == nullptr
                                  ? "Group " + request.group_id + " not found."
                                  : "Group " + request.group_id + " is not a consumer group.";
    }
    turn.reply(std::move(reply), std::move(refused));
  });
}

ConsumerGroupDescribeResponse::Group GroupCoordinator::describe_consumer_group(
    const std::string& group_id) {
  const std::lock_guard lock(mutex_);
  const Slot* slot = find(group_id);
  if (slot != nullptr && slot->consumer) return slot->consumer->describe();
  ConsumerGroupDescribeResponse::Group none;
  none.group_id = group_id;
  none.error = group_id.empty() ? ErrorCode::kInvalidGroupId : ErrorCode::kGroupIdNotFound;
  if (!group_id.empty())
    none.error_message = slot == nullptr ? "Group " + group_id + " not found."
                                         : "Group " + group_id + " is not a consumer group.";
  return none;
}

}  // namespace cne::kafka
