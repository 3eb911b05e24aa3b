#include <algorithm>
#include <utility>

#include "kafka/group.h"

namespace cne::kafka {

bool Group::all_joined() const { return joining_ == members_.size() && pending_.empty(); }

void Group::rebalance_or_complete(GroupTurn& turn) {
  if (state_ == State::kPreparing) return complete_join_if_ready(turn);
  if (state_ != State::kDead) prepare_rebalance(turn);
}

void Group::prepare_rebalance(GroupTurn& turn) {
  if (state_ == State::kCompleting) fail_syncs(turn, ErrorCode::kRebalanceInProgress);
  sync_deadline_.clear();
  initial_delay_ = state_ == State::kEmpty;
  transition(turn, State::kPreparing);
  if (!initial_delay_) {
    if (all_joined()) return complete_join(turn);
    join_deadline_.set(turn, turn.now_ms() + rebalance_timeout_ms(), GroupTimer::Kind::kJoin, id_);
    return;
  }
  // The first members of a group come one by one: each gives the others some more time.
  joined_lately_ = false;
  delay_ms_ = config_.initial_rebalance_delay_ms;
  delay_left_ms_ = std::max<int64_t>(rebalance_timeout_ms() - delay_ms_, 0);
  if (delay_ms_ <= 0) return complete_join(turn);
  join_deadline_.set(turn, turn.now_ms() + delay_ms_, GroupTimer::Kind::kJoin, id_);
}

void Group::join_is_due(GroupTurn& turn) {
  if (!initial_delay_ || !joined_lately_ || delay_left_ms_ == 0) return complete_join(turn);
  joined_lately_ = false;
  const int64_t next = std::min(config_.initial_rebalance_delay_ms, delay_left_ms_);
  delay_left_ms_ = std::max<int64_t>(delay_left_ms_ - delay_ms_, 0);
  delay_ms_ = next;
  join_deadline_.set(turn, turn.now_ms() + next, GroupTimer::Kind::kJoin, id_);
}

void Group::complete_join_if_ready(GroupTurn& turn) {
  if (state_ == State::kPreparing && !initial_delay_ && all_joined()) complete_join(turn);
}

/// Makes a member that joined the leader if the one of before did not; false when nobody joined.
bool Group::elect_leader() {
  const auto leader = members_.find(leader_);
  if (leader != members_.end() && leader->second.join) return true;
  for (const auto& [id, member] : members_) {
    if (!member.join) continue;
    leader_ = id;
    return true;
  }
  return false;
}

void Group::complete_join(GroupTurn& turn) {
  join_deadline_.clear();
  // Static members keep their place until their session ends.
  std::vector<std::string> gone;
  for (const auto& [id, member] : members_)
    if (!member.join && !member.instance_id) gone.push_back(id);
  for (const std::string& id : gone) remove(turn, id);

  if (!elect_leader() && !members_.empty()) {
    initial_delay_ = false;
    join_deadline_.set(turn, turn.now_ms() + rebalance_timeout_ms(), GroupTimer::Kind::kJoin, id_);
    return;
  }
  ++generation_;
  initial_delay_ = false;
  if (members_.empty()) {
    protocol_.clear();
    leader_.clear();
    subscribed_ = find_subscribed();
    transition(turn, State::kEmpty);
    written_ = true;
    turn.write(id_, {record(nullptr)});
    return;
  }
  protocol_ = select_protocol();
  subscribed_ = find_subscribed();
  transition(turn, State::kCompleting);
  for (auto& [id, member] : members_) {
    member.is_new = false;
    member.awaits_sync = true;
    touch(turn, member);
    if (member.join) answer_join(turn, member, joined(member));
  }
  sync_deadline_.set(turn, turn.now_ms() + rebalance_timeout_ms(), GroupTimer::Kind::kSync, id_);
}

/// After members went: the others share anew.
void Group::after_removal(GroupTurn& turn) {
  if (state_ == State::kStable || state_ == State::kCompleting)
    prepare_rebalance(turn);
  else
    complete_join_if_ready(turn);
}

}  // namespace cne::kafka
