#include "kafka/group.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "core/random.h"
#include "kafka/consumer_protocol.h"

namespace cne::kafka {

std::string random_uuid_text() {
  const uint64_t high = (random_uint64() & ~0xf000ULL) | 0x4000;
  const uint64_t low = (random_uint64() & ~(0xc0ULL << 56)) | (0x80ULL << 56);
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-%04llx-%04llx-%04llx-%012llx",
                static_cast<unsigned long long>(high >> 32),
                static_cast<unsigned long long>(high >> 16 & 0xffff),
                static_cast<unsigned long long>(high & 0xffff),
                static_cast<unsigned long long>(low >> 48),
                static_cast<unsigned long long>(low & 0xffffffffffff));
  return text;
}

const char* Group::state_name() const {
  switch (state_) {
    case State::kEmpty:
      return "Empty";
    case State::kPreparing:
      return "PreparingRebalance";
    case State::kCompleting:
      return "CompletingRebalance";
    case State::kStable:
      return "Stable";
    case State::kDead:
      break;
  }
  return "Dead";
}

void Group::transition(GroupTurn& turn, State state) {
  previous_ = state_;
  state_ = state;
  state_since_ms_ = turn.wall_ms();
}

ErrorCode Group::check_member(const std::string& member_id,
                              const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const auto found = static_members_.find(*instance_id);
    if (found == static_members_.end()) return ErrorCode::kUnknownMemberId;
    if (found->second != member_id) return ErrorCode::kFencedInstanceId;
  }
  return members_.contains(member_id) ? ErrorCode::kNone : ErrorCode::kUnknownMemberId;
}

void Group::add(GroupMember member) {
  if (leader_.empty()) leader_ = member.id;
  if (member.instance_id) static_members_[*member.instance_id] = member.id;
  if (member.join) ++joining_;
  pending_.erase(member.id);
  count_protocols(member, 1);
  const std::string id = member.id;
  members_.insert_or_assign(id, std::move(member));
}

void Group::remove(GroupTurn& turn, const std::string& member_id) {
  const auto found = members_.find(member_id);
  if (found == members_.end()) return;
  GroupMember& member = found->second;
  JoinGroupResponse gone;
  gone.error = ErrorCode::kUnknownMemberId;
  answer_join(turn, member, std::move(gone));
  SyncGroupResponse no_share;
  no_share.error = ErrorCode::kUnknownMemberId;
  answer_sync(turn, member, std::move(no_share));
  count_protocols(member, -1);
  if (member.instance_id) {
    const auto fixed = static_members_.find(*member.instance_id);
    if (fixed != static_members_.end() && fixed->second == member_id) static_members_.erase(fixed);
  }
  const bool was_leader = leader_ == member_id;
  members_.erase(found);  // and maybe the id that we were given
  if (was_leader) leader_ = members_.empty() ? "" : members_.begin()->first;
}

void Group::count_protocols(const GroupMember& member, int by) {
  std::set<std::string> names;  // a name counts once
  for (const auto& protocol : member.protocols) names.insert(protocol.name);
  for (const std::string& name : names) {
    size_t& count = protocol_counts_[name];
    count += static_cast<size_t>(by);
    if (count == 0) protocol_counts_.erase(name);
  }
}

bool Group::is_candidate(const std::string& protocol) const {
  const auto found = protocol_counts_.find(protocol);
  return found != protocol_counts_.end() && found->second == members_.size();
}

bool Group::supports(const std::string& type,
                     const std::vector<JoinGroupRequest::Protocol>& protocols) const {
  if (members_.empty()) return !type.empty() && !protocols.empty();
  return type == protocol_type_ &&
         std::any_of(protocols.begin(), protocols.end(),
                     [this](const auto& protocol) { return is_candidate(protocol.name); });
}

std::string Group::select_protocol() const {
  // Each member votes for the first of its protocols that all support.
  std::map<std::string, size_t> votes;
  for (const auto& [id, member] : members_) {
    for (const auto& protocol : member.protocols) {
      if (!is_candidate(protocol.name)) continue;
      ++votes[protocol.name];
      break;
    }
  }
  const auto most = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == votes.end() ? "" : most->first;
}

std::optional<std::set<std::string>> Group::find_subscribed() const {
  if (protocol_type_ != kConsumerProtocolType) return std::nullopt;
  std::set<std::string> topics;
  for (const auto& [id, member] : members_) {
    const std::string* metadata = member.metadata_of(protocol_);
    const auto subscription = metadata != nullptr ? decode_subscription(*metadata) : std::nullopt;
    if (!subscription) return std::nullopt;
    topics.insert(subscription->topics.begin(), subscription->topics.end());
  }
  return topics;
}

bool Group::is_subscribed_to(const std::string& topic) const {
  // What cannot be read may be a subscription to anything.
  if (members_.empty()) return false;
  return !subscribed_ || subscribed_->contains(topic);
}

int64_t Group::rebalance_timeout_ms() const {
  int64_t longest = 0;
  for (const auto& [id, member] : members_)
    longest = std::max<int64_t>(longest, member.rebalance_timeout_ms);
  return longest;
}

void Group::touch(GroupTurn& turn, GroupMember& member) {
  member.deadline.set(turn, turn.now_ms() + member.session_timeout_ms, GroupTimer::Kind::kMember,
                      id_, member.id);
}

void Group::answer_join(GroupTurn& turn, GroupMember& member, JoinGroupResponse response) {
  if (!member.join) return;
  --joining_;
  turn.reply(std::exchange(member.join, nullptr), std::move(response));
}

void Group::answer_sync(GroupTurn& turn, GroupMember& member, SyncGroupResponse response) {
  if (!member.sync) return;
  turn.reply(std::exchange(member.sync, nullptr), std::move(response));
}

GroupRecord Group::record(const std::map<std::string, std::string>* assignments) const {
  GroupValue value;
  value.protocol_type = protocol_type_;
  value.generation = generation_;
  if (!protocol_.empty()) value.protocol = protocol_;
  if (!leader_.empty()) value.leader = leader_;
  value.state_timestamp = state_since_ms_;
  for (const auto& [id, member] : members_) {
    const std::string* metadata = member.metadata_of(protocol_);
    auto& out = value.members.emplace_back();
    out.member_id = id;
    out.group_instance_id = member.instance_id;
    out.client_id = member.client_id;
    out.client_host = member.client_host;
    out.rebalance_timeout_ms = member.rebalance_timeout_ms;
    out.session_timeout_ms = member.session_timeout_ms;
    if (metadata != nullptr) out.subscription.data = *metadata;
    if (assignments == nullptr) {
      out.assignment.data = member.assignment;
    } else if (const auto found = assignments->find(id); found != assignments->end()) {
      out.assignment.data = found->second;
    }
  }
  GroupRecord record;
  record.key.kind = GroupRecordKind::kGroup;
  record.key.group_id = id_;
  record.value = encode_value(value);
  return record;
}

void Group::restore(GroupTurn& turn, const GroupValue& value) {
  written_ = true;
  protocol_type_ = value.protocol_type;
  protocol_ = value.protocol.value_or("");
  generation_ = value.generation;
  state_since_ms_ = value.state_timestamp;
  state_ = previous_ = value.members.empty() ? State::kEmpty : State::kStable;
  for (const GroupValue::Member& each : value.members) {
    GroupMember member;
    member.id = each.member_id;
    member.instance_id = each.group_instance_id;
    member.client_id = each.client_id;
    member.client_host = each.client_host;
    member.session_timeout_ms = each.session_timeout_ms;
    member.rebalance_timeout_ms =
        each.rebalance_timeout_ms >= 0 ? each.rebalance_timeout_ms : each.session_timeout_ms;
    member.protocols.push_back({protocol_, each.subscription});
    member.assignment = each.assignment.data;
    add(std::move(member));
  }
  leader_ = value.leader.value_or("");
  if (!members_.contains(leader_)) leader_ = members_.empty() ? "" : members_.begin()->first;
  for (auto& [id, member] : members_) touch(turn, member);
  subscribed_ = find_subscribed();
}

void Group::send_away(GroupTurn& turn, ErrorCode error) {
  for (auto& [id, member] : members_) {
    JoinGroupResponse join;
    join.member_id = id;
    join.error = error;
    answer_join(turn, member, std::move(join));
    SyncGroupResponse sync;
    sync.error = error;
    answer_sync(turn, member, std::move(sync));
  }
}

void Group::die(GroupTurn& turn) {
  while (!members_.empty()) remove(turn, members_.begin()->first);
  pending_.clear();
  join_deadline_.clear();
  sync_deadline_.clear();
  transition(turn, State::kDead);
}

void Group::expire(GroupTurn& turn, const GroupTimer& timer) {
  if (state_ == State::kDead) return;
  if (timer.kind == GroupTimer::Kind::kJoin) {
    if (join_deadline_.expire(turn, timer) && state_ == State::kPreparing) join_is_due(turn);
    return;
  }
  if (timer.kind == GroupTimer::Kind::kSync) {
    if (sync_deadline_.expire(turn, timer)) sync_is_due(turn);
    return;
  }
  if (const auto found = pending_.find(timer.member_id); found != pending_.end()) {
    if (!found->second.deadline.expire(turn, timer)) return;
    pending_.erase(found);
    return complete_join_if_ready(turn);
  }
  const auto found = members_.find(timer.member_id);
  if (found == members_.end() || !found->second.deadline.expire(turn, timer)) return;
  const GroupMember& member = found->second;
  // Who waits for an answer cannot give signs of life; new members have to ask again.
  if (!member.is_new && (member.join || member.sync)) return;
  remove(turn, timer.member_id);
  after_removal(turn);
}

DescribeGroupsResponse::Group Group::describe() const {
  DescribeGroupsResponse::Group out;
  out.group_id = id_;
  out.state = state_name();
  out.protocol_type = protocol_type_;
  const bool stable = state_ == State::kStable;
  if (stable) out.protocol_data = protocol_;
  for (const auto& [id, member] : members_) {
    auto& to = out.members.emplace_back();
    to.member_id = id;
    to.group_instance_id = member.instance_id;
    to.client_id = member.client_id;
    to.client_host = member.client_host;
    if (!stable) continue;
    if (const std::string* metadata = member.metadata_of(protocol_)) to.metadata.data = *metadata;
    to.assignment.data = member.assignment;
  }
  return out;
}

}  // namespace cne::kafka
