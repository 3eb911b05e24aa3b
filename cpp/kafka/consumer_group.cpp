#include "kafka/consumer_group.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cne::kafka {

const char* ConsumerGroup::state_name() const {
  if (dead_) return "Dead";
  if (members_.empty()) return "Empty";
  if (epoch_ > assignment_epoch_) return "Assigning";
  for (const auto& [id, member] : members_)
    if (!member.is_at(assignment_epoch_)) return "Reconciling";
  return "Stable";
}

GroupRecordKey ConsumerGroup::key_of(GroupRecordKind kind, const std::string& member_id) const {
  GroupRecordKey key;
  key.kind = kind;
  key.group_id = id_;
  key.member_id = member_id;
  return key;
}

/// What is to be written: as it is now; a tombstone of what is not there.
GroupRecord ConsumerGroup::record(GroupRecordKind kind, const std::string& member_id) const {
  GroupRecord out{key_of(kind, member_id), std::nullopt};
  const auto found = members_.find(member_id);
  const ConsumerMember* member = found == members_.end() ? nullptr : &found->second;
  if (kind == GroupRecordKind::kConsumerGroup) {
    ConsumerGroupValue value;
    value.epoch = epoch_;
    value.metadata_hash = metadata_hash_;
    out.value = encode_value(value);
  } else if (kind == GroupRecordKind::kTarget) {
    TargetValue value;
    value.assignment_epoch = assignment_epoch_;
    out.value = encode_value(value);
  } else if (member != nullptr && kind == GroupRecordKind::kConsumerMember) {
    out.value = encode_value(member->told);
  } else if (member != nullptr && kind == GroupRecordKind::kCurrentMember) {
    CurrentMemberValue value;
    value.member_epoch = member->epoch;
    value.previous_member_epoch = member->previous_epoch;
    value.state = static_cast<int8_t>(member->state);
    value.assigned = to_list(member->assigned);
    value.pending_revocation = to_list(member->revoking);
    out.value = encode_value(value);
  } else if (const auto target = target_.find(member_id);
             target != target_.end() && kind == GroupRecordKind::kTargetMember) {
    TargetMemberValue value;
    value.topics = to_list(target->second);
    out.value = encode_value(value);
  }
  return out;
}

void ConsumerGroup::change(GroupRecordKind kind, const std::string& member_id) {
  changed_.emplace(kind, member_id);
}

/// One write at a time leaves the log as the group was at some moment, so a failed one is made up
/// for by the next.
void ConsumerGroup::save(GroupTurn& turn, GroupRecords also, GroupTurn::Done done) {
  GroupRecords records = std::move(also);
  GroupRecords values;
  // A member's tombstones come in the order in which Kafka takes them: the member's own last.
  for (auto key = changed_.rbegin(); key != changed_.rend(); ++key)
    if (GroupRecord each = record(key->first, key->second); !each.value)
      records.push_back(std::move(each));
    else
      values.push_back(std::move(each));
  records.insert(records.end(), std::make_move_iterator(values.rbegin()),
                 std::make_move_iterator(values.rend()));
  if (records.empty()) return;
  turn.write(id_, std::move(records),
             [weak = weak_from_this(), keys = std::exchange(changed_, {}), done = std::move(done)](
                 GroupTurn& later, bool ok) {
               const auto self = weak.lock();
               if (!ok && self) self->changed_.insert(keys.begin(), keys.end());
               if (done) done(later, ok);
             });
}

void ConsumerGroup::claim(const ConsumerMember& member) {
  const auto own = [&](const Uuid& topic, int32_t partition) {
    owners_[topic][partition] = member.id;
  };
  for_each_partition(member.assigned, own);
  for_each_partition(member.revoking, own);
}

void ConsumerGroup::release(const ConsumerMember& member) {
  const auto free = [&](const Uuid& topic, int32_t partition) {
    const auto found = owners_.find(topic);
    if (found == owners_.end()) return;
    const auto owner = found->second.find(partition);
    if (owner != found->second.end() && owner->second == member.id) found->second.erase(owner);
    if (found->second.empty()) owners_.erase(found);
  };
  for_each_partition(member.assigned, free);
  for_each_partition(member.revoking, free);
}

void ConsumerGroup::remove(std::string member_id) {
  const auto found = members_.find(member_id);
  if (found == members_.end()) return;
  const ConsumerMember& member = found->second;
  release(member);
  if (member.told.instance_id) {
    const auto fixed = static_members_.find(*member.told.instance_id);
    if (fixed != static_members_.end() && fixed->second == member_id) static_members_.erase(fixed);
  }
  members_.erase(found);
  target_.erase(member_id);
  change(GroupRecordKind::kCurrentMember, member_id);
  change(GroupRecordKind::kTargetMember, member_id);
  change(GroupRecordKind::kConsumerMember, member_id);
  look_at_topics(true, nullptr, 0);
}

ConsumerMember* ConsumerGroup::find_static(const std::string& instance_id) {
  const auto found = static_members_.find(instance_id);
  return found == static_members_.end() ? nullptr : &members_.at(found->second);
}

void ConsumerGroup::keep_session(GroupTurn& turn, ConsumerMember& member) {
  const int64_t session_ms = member.is_classic() ? member.told.classic->session_timeout_ms
                                                 : config_.session_timeout_of(id_);
  member.session.set(turn, turn.now_ms() + session_ms, GroupTimer::Kind::kMember, id_, member.id);
}

ErrorCode ConsumerGroup::check_commit(const std::string& member_id,
                                      const std::optional<std::string>& instance_id, int32_t epoch,
                                      bool transactional, int16_t version) const {
  if (epoch < 0 && members_.empty()) return ErrorCode::kNone;
  // Old clients tell nothing of themselves in a transaction.
  if (transactional && epoch < 0 && member_id.empty() && !instance_id) return ErrorCode::kNone;
  const auto found = members_.find(member_id);
  if (found == members_.end()) return ErrorCode::kUnknownMemberId;
  const ConsumerMember& member = found->second;
  if (member.is_classic())
    return epoch == member.epoch ? ErrorCode::kNone : ErrorCode::kIllegalGeneration;
  if (!transactional && version < 9) return ErrorCode::kUnsupportedVersion;
  return epoch == member.epoch ? ErrorCode::kNone : ErrorCode::kStaleMemberEpoch;
}

ErrorCode ConsumerGroup::check_fetch(const std::optional<std::string>& member_id,
                                     int32_t epoch) const {
  if (!member_id && epoch < 0) return ErrorCode::kNone;  // a tool
  const auto found = members_.find(member_id.value_or(""));
  if (found == members_.end()) return ErrorCode::kUnknownMemberId;
  if (epoch == found->second.epoch) return ErrorCode::kNone;
  return found->second.is_classic() ? ErrorCode::kIllegalGeneration : ErrorCode::kStaleMemberEpoch;
}

bool ConsumerGroup::is_subscribed_to(const std::string& topic) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const auto& each) { return names_of(each.second).contains(topic); });
}

void ConsumerGroup::expire(GroupTurn& turn, const GroupTimer& timer) {
  const auto found = members_.find(timer.member_id);
  if (dead_ || found == members_.end()) return;
  ConsumerMember& member = found->second;
  GroupDeadline& deadline = timer.kind == GroupTimer::Kind::kRevocation ? member.revocation
                            : timer.kind == GroupTimer::Kind::kRejoin   ? member.rejoin
                                                                        : member.session;
  if (!deadline.expire(turn, timer)) return;
  remove(timer.member_id);
  save(turn);
}

ConsumerGroupDescribeResponse::Group ConsumerGroup::describe() const {
  ConsumerGroupDescribeResponse::Group out;
  out.group_id = id_;
  out.state = state_name();
  out.group_epoch = epoch_;
  out.assignment_epoch = assignment_epoch_;
  out.assignor = assignor();
  const auto named = [&](const Assignment& from) {
    ConsumerGroupDescribeResponse::Assignment to;
    for (const auto& [topic, partitions] : from)
      if (const auto known = topics_.find(topic))
        to.topics.push_back({topic, known->name, {partitions.begin(), partitions.end()}});
    return to;
  };
  for (const auto& [id, member] : members_) {
    auto& to = out.members.emplace_back();
    to.member_id = id;
    to.instance_id = member.told.instance_id;
    to.rack_id = member.told.rack_id;
    to.member_epoch = member.epoch;
    to.client_id = member.told.client_id;
    to.client_host = member.told.client_host;
    to.topic_names = member.told.topic_names;
    to.topic_regex = member.told.topic_regex;
    to.assignment = named(member.assigned);
    if (const auto target = target_.find(id); target != target_.end())
      to.target = named(target->second);
    to.type = member.is_classic() ? to.kClassic : to.kConsumer;
  }
  return out;
}

}  // namespace cne::kafka
