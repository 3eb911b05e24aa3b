#include <algorithm>
#include <set>
#include <utility>

#include "kafka/group_coordinator.h"

namespace cne::kafka {

void GroupCoordinator::expire_offsets() {
  run([this](GroupTurn& turn) { expire_offsets(turn); });
}

/// An offset goes when nobody has needed it for offsets_retention_ms: since the group became empty,
/// or since it was committed where nobody in the group wants the topic any more.
void GroupCoordinator::expire_offsets(GroupTurn& turn) {
  std::vector<std::string> ids;
  for (const auto& [id, slot] : slots_) ids.push_back(id);
  for (const std::string& id : ids) {
    Slot& slot = slots_.at(id);
    const auto places =
        slot.offsets.expired([&](const std::string& topic, const OffsetValue& value) {
          const auto since_ms = unneeded_since_ms(slot, topic, value);
          if (!since_ms) return false;
          if (value.expire_timestamp >= 0) return turn.wall_ms() >= value.expire_timestamp;
          return turn.wall_ms() - *since_ms >= config_.offsets_retention_ms;
        });
    GroupRecords records = erase_offsets(slot, id, places);
    // A group without members and offsets is nothing any more.
    if (slot.offsets.is_blank() && is_empty(slot)) forget(turn, slot, id, records);
    if (!records.empty()) turn.write(id, std::move(records));
    drop_if_blank(id);
  }
}

std::optional<int64_t> GroupCoordinator::unneeded_since_ms(const Slot& slot,
                                                           const std::string& topic,
                                                           const OffsetValue& value) const {
  if (slot.consumer && slot.consumer->is_subscribed_to(topic)) return std::nullopt;
  if (!slot.classic) return value.commit_timestamp;
  const Group& group = *slot.classic;
  if (group.protocol_type().empty()) return value.commit_timestamp;
  if (group.state() == Group::State::kEmpty)
    return group.state_since_ms() >= 0 ? group.state_since_ms() : value.commit_timestamp;
  if (group.state() == Group::State::kStable && !group.is_subscribed_to(topic))
    return value.commit_timestamp;
  return std::nullopt;
}

void GroupCoordinator::topics_deleted(const std::vector<std::string>& topics) {
  const std::set<std::string> gone(topics.begin(), topics.end());
  run([&](GroupTurn& turn) {
    std::vector<std::string> ids;
    for (const auto& [id, slot] : slots_) ids.push_back(id);
    for (const std::string& id : ids) {
      Slot& slot = slots_.at(id);
      std::vector<GroupOffsets::Place> places = slot.offsets.places();
      std::erase_if(places, [&](const auto& place) { return !gone.contains(place.first); });
      if (places.empty()) continue;
      turn.write(id, erase_offsets(slot, id, places));
      drop_if_blank(id);
    }
  });
}

}  // namespace cne::kafka
