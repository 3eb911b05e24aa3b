#include <utility>

#include "kafka/consumer_member.h"

namespace cne::kafka {

namespace {

using State = ConsumerMember::State;

void move_to(ConsumerMember& member, int32_t epoch) {
  if (member.epoch == epoch) return;
  member.previous_epoch = member.epoch;
  member.epoch = epoch;
}

}  // namespace

bool reconcile(ConsumerMember& member, int32_t target_epoch, const Assignment& target,
               const std::optional<Assignment>& owned,
               const std::function<bool(const Uuid&, int32_t)>& is_free) {
  if (member.is_at(target_epoch)) return false;
  const auto still_has = [&](const Assignment& partitions) {
    return !owned || overlap(*owned, partitions);
  };
  int32_t epoch = member.epoch;
  if (member.state == State::kUnrevoked) {
    if (still_has(member.revoking)) return false;
    ++epoch;  // it has answered for this one
  }

  Assignment kept;
  Assignment revoking;
  for_each_partition(member.assigned, [&](const Uuid& topic, int32_t partition) {
    add_partition(has_partition(target, topic, partition) ? kept : revoking, topic, partition);
  });
  if (!revoking.empty() && still_has(revoking)) {
    const bool changed =
        member.state != State::kUnrevoked || member.revoking != revoking || member.epoch != epoch;
    move_to(member, epoch);
    member.state = State::kUnrevoked;
    member.assigned = std::move(kept);
    member.revoking = std::move(revoking);
    return changed;
  }
  bool all_free = true;
  Assignment now = kept;
  for_each_partition(target, [&](const Uuid& topic, int32_t partition) {
    if (has_partition(kept, topic, partition)) return;
    // What it gives up in this step was its own.
    if (is_free(topic, partition) || has_partition(member.revoking, topic, partition))
      add_partition(now, topic, partition);
    else
      all_free = false;
  });
  const State state = all_free ? State::kStable : State::kUnreleased;
  const bool changed = member.state != state || member.epoch != target_epoch ||
                       member.assigned != now || !member.revoking.empty();
  move_to(member, target_epoch);
  member.state = state;
  member.assigned = std::move(now);
  member.revoking.clear();
  return changed;
}

}  // namespace cne::kafka
