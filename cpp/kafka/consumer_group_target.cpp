#include <algorithm>
#include <utility>

#include "core/hash.h"
#include "kafka/consumer_group.h"
#include "kafka/topic_regex.h"

namespace cne::kafka {

namespace {

/// After so long rights are looked at again (Kafka's group.consumer.regex.refresh.interval.ms).
constexpr int64_t kRightsMs = 600'000;

bool may_know(const GroupClient* client, const std::string& topic) {
  return client == nullptr || !client->may_describe || client->may_describe(topic);
}

}  // namespace

/// The names that a member subscribes to, whether or not there are such topics.
std::set<std::string> ConsumerGroup::names_of(const ConsumerMember& member) const {
  std::set<std::string> names(member.told.topic_names.begin(), member.told.topic_names.end());
  if (!member.told.topic_regex) return names;
  if (const auto found = matched_.find(*member.told.topic_regex); found != matched_.end())
    names.insert(found->second.begin(), found->second.end());
  return names;
}

/// Looks at the topics as they are now. What an expression matched stays true while they do not
/// change, and for as long as rights are taken for the same: there may be many. An expression
/// matches what the client who has it tried may know of, as Kafka has it; without one, as when a
/// session ends, what it matched before.
void ConsumerGroup::resolve(const GroupClient* client, int64_t now_ms) {
  const uint64_t version = topics_.version();
  if (client != nullptr && (topics_version_ != version || rights_are_old(*client, now_ms))) {
    matched_.clear();
    topics_version_ = version;
    matched_at_ms_ = now_ms;
  }
  std::map<std::string, std::set<std::string>> matched;
  for (const auto& [id, member] : members_) {
    if (!member.told.topic_regex || member.told.topic_regex->empty()) continue;
    const std::string& expression = *member.told.topic_regex;
    if (matched.contains(expression)) continue;
    if (auto known = matched_.extract(expression)) {
      matched.insert(std::move(known));
      continue;
    }
    std::set<std::string>& names = matched[expression];
    const auto regex = TopicRegex::compile(expression);
    if (!regex) continue;
    for (std::string& name : topics_.names())
      if (regex->matches(name) && may_know(client, name)) names.insert(std::move(name));
  }
  matched_ = std::move(matched);
  wanted_.clear();
  for (const auto& [id, member] : members_)
    for (const std::string& name : names_of(member))
      if (!wanted_.contains(name))
        if (auto topic = topics_.find(name)) wanted_.emplace(name, std::move(*topic));
}

/// Another number, most likely, when another topic is wanted, or one is another or has grown.
int64_t ConsumerGroup::hash_topics() const {
  uint64_t hash = wanted_.size();
  for (const auto& [name, topic] : wanted_) {
    hash = hash_bytes(name.data(), name.size(), hash);
    hash = hash_bytes(topic.id.bytes.data(), topic.id.bytes.size(), hash);
    hash = hash_u64(hash + static_cast<uint64_t>(topic.partitions));
  }
  return static_cast<int64_t>(hash);
}

bool ConsumerGroup::rights_are_old(const GroupClient& client, int64_t now_ms) const {
  return client.may_describe && !matched_.empty() && now_ms - matched_at_ms_ >= kRightsMs;
}

/// Raises the epoch when something `changed`, or the topics that are wanted did. The client is who
/// has something to say, if anybody has.
void ConsumerGroup::look_at_topics(bool changed, const GroupClient* client, int64_t now_ms) {
  if (!changed && topics_version_ == topics_.version() &&
      (client == nullptr || !rights_are_old(*client, now_ms)))
    return;
  resolve(client, now_ms);
  const int64_t hash = hash_topics();
  if (!changed && hash == metadata_hash_) return;
  metadata_hash_ = hash;
  ++epoch_;
  change(GroupRecordKind::kConsumerGroup);
}

/// The assignor that most members ask for.
std::string_view ConsumerGroup::assignor() const {
  std::map<std::string_view, size_t> votes;
  for (const auto& [id, member] : members_)
    if (member.told.server_assignor) ++votes[*member.told.server_assignor];
  std::string_view best = kDefaultAssignor;
  size_t most = 0;
  for (const auto& [name, count] : votes) {
    if (count < most || (count == most && name != kDefaultAssignor) || !is_assignor(name)) continue;
    best = name == "range" ? "range" : kDefaultAssignor;
    most = count;
  }
  return best;
}

/// Makes the target assignment of the group's epoch.
void ConsumerGroup::assign() {
  if (epoch_ <= assignment_epoch_) return;
  std::vector<AssignorMember> members;
  TopicSizes sizes;
  for (const auto& [name, topic] : wanted_) sizes[topic.id] = topic.partitions;
  for (const auto& [id, member] : members_) {
    AssignorMember each{id, member.told.instance_id, {}, {}};
    for (const std::string& name : names_of(member))
      if (const auto topic = wanted_.find(name); topic != wanted_.end())
        each.topics.push_back(topic->second.id);
    std::sort(each.topics.begin(), each.topics.end());
    if (const auto before = target_.find(id); before != target_.end())
      each.current = before->second;
    members.push_back(std::move(each));
  }
  GroupAssignment assigned = assign_by(assignor(), members, sizes);
  for (auto& [id, partitions] : assigned) {
    const auto before = target_.find(id);
    if (before != target_.end() && before->second == partitions) continue;
    change(GroupRecordKind::kTargetMember, id);
    target_[id] = std::move(partitions);
  }
  assignment_epoch_ = epoch_;
  change(GroupRecordKind::kTarget);
}

/// Brings a member nearer to its target. Returns whether its partitions changed.
bool ConsumerGroup::move(GroupTurn& turn, ConsumerMember& member,
                         const std::optional<Assignment>& owned) {
  const Assignment before = member.assigned;
  release(member);
  const bool changed =
      reconcile(member, assignment_epoch_, target_[member.id], owned,
                [&](const Uuid& topic, int32_t partition) {
                  const auto found = owners_.find(topic);
                  return found == owners_.end() || !found->second.contains(partition);
                });
  claim(member);
  if (changed) {
    change(GroupRecordKind::kCurrentMember, member.id);
    if (member.state == ConsumerMember::State::kUnrevoked)
      member.revocation.set(turn, turn.now_ms() + member.told.rebalance_timeout_ms,
                            GroupTimer::Kind::kRevocation, id_, member.id);
    else
      member.revocation.clear();
  }
  return member.assigned != before;
}

}  // namespace cne::kafka
