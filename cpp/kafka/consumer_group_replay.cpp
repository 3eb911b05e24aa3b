#include <utility>

#include "kafka/consumer_group.h"

namespace cne::kafka {

void ConsumerGroup::replay(const GroupRecordKey& key,
                           const std::optional<std::string_view>& value) {
  switch (key.kind) {
    case GroupRecordKind::kConsumerGroup:
      if (value) {
        const auto group = decode_value<ConsumerGroupValue>(*value);
        epoch_ = group.epoch;
        metadata_hash_ = group.metadata_hash;
      }
      break;
    case GroupRecordKind::kConsumerMember:
      if (value)
        add(key.member_id).told = decode_value<ConsumerMemberValue>(*value);
      else
        members_.erase(key.member_id);
      break;
    case GroupRecordKind::kTarget:
      if (value) assignment_epoch_ = decode_value<TargetValue>(*value).assignment_epoch;
      break;
    case GroupRecordKind::kTargetMember:
      if (value)
        target_[key.member_id] = to_assignment(decode_value<TargetMemberValue>(*value).topics);
      else
        target_.erase(key.member_id);
      break;
    case GroupRecordKind::kCurrentMember:
      if (value) {
        const auto current = decode_value<CurrentMemberValue>(*value);
        ConsumerMember& member = add(key.member_id);
        member.epoch = current.member_epoch;
        member.previous_epoch = current.previous_member_epoch;
        member.state = static_cast<ConsumerMember::State>(current.state);
        member.assigned = to_assignment(current.assigned);
        member.revoking = to_assignment(current.pending_revocation);
      } else if (const auto found = members_.find(key.member_id); found != members_.end()) {
        ConsumerMember bare;
        bare.id = found->second.id;
        bare.told = std::move(found->second.told);
        found->second = std::move(bare);
      }
      break;
    default:
      break;
  }
}

void ConsumerGroup::restored(GroupTurn& turn) {
  for (auto& [id, member] : members_) {
    if (member.told.instance_id) static_members_[*member.told.instance_id] = id;
    claim(member);
    keep_session(turn, member);
    if (member.state == ConsumerMember::State::kUnrevoked)
      member.revocation.set(turn, turn.now_ms() + member.told.rebalance_timeout_ms,
                            GroupTimer::Kind::kRevocation, id_, id);
  }
  resolve(nullptr, turn.now_ms());
  topics_version_.reset();  // they may have changed since
}

GroupRecords ConsumerGroup::tombstones() const {
  GroupRecords records;
  const auto add = [&](GroupRecordKind kind, const std::string& member_id = {}) {
    records.push_back({key_of(kind, member_id), std::nullopt});
  };
  std::set<std::string> ids;  // of members, and of those whose removal could not be written
  for (const auto& [id, member] : members_) ids.insert(id);
  for (const auto& [kind, id] : changed_)
    if (!id.empty()) ids.insert(id);
  for (const std::string& id : ids) {
    add(GroupRecordKind::kCurrentMember, id);
    add(GroupRecordKind::kTargetMember, id);
    add(GroupRecordKind::kConsumerMember, id);
  }
  add(GroupRecordKind::kTarget);
  add(GroupRecordKind::kConsumerGroup);
  return records;
}

}  // namespace cne::kafka
