#include <algorithm>
#include <cctype>
#include <utility>

#include "kafka/consumer_protocol.h"
#include "kafka/group_coordinator.h"

namespace cne::kafka {

namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// Whether a filter names it, in letters of any size; an empty one names all.
bool passes(const std::vector<std::string>& filter, const std::string& name) {
  return filter.empty() || std::any_of(filter.begin(), filter.end(), [&](const auto& wanted) {
           return lower(wanted) == lower(name);
         });
}

}  // namespace

ListGroupsResponse GroupCoordinator::list_groups(const ListGroupsRequest& request) {
  ListGroupsResponse response;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, slot] : slots_) {
    ListGroupsResponse::Group group;
    group.group_id = id;
    if (slot.classic) {
      group.protocol_type = slot.classic->protocol_type();
      group.state = slot.classic->state_name();
      group.type = "classic";
    } else if (slot.consumer) {
      group.protocol_type = kConsumerProtocolType;
      group.state = slot.consumer->state_name();
      group.type = "consumer";
    } else {
      continue;
    }
    if (passes(request.states, group.state) && passes(request.types, group.type))
      response.groups.push_back(std::move(group));
  }
  return response;
}

DescribeGroupsResponse::Group GroupCoordinator::describe_group(const std::string& group_id,
                                                               int16_t version) {
  const std::lock_guard lock(mutex_);
  DescribeGroupsResponse::Group none;
  none.group_id = group_id;
  if (group_id.empty()) {
    none.error = ErrorCode::kInvalidGroupId;
    return none;
  }
  const Slot* slot = find(group_id);
  if (slot != nullptr && slot->classic) return slot->classic->describe();
  none.state = "Dead";
  if (version >= 6) {
    none.error = ErrorCode::kGroupIdNotFound;
    none.error_message = slot == nullptr ? "Group " + group_id + " not found."
                                         : "Group " + group_id + " is not a classic group.";
  }
  return none;
}

std::vector<OffsetCommit> GroupCoordinator::committed_offsets(const std::string& group_id) {
  const std::lock_guard lock(mutex_);
  std::vector<OffsetCommit> out;
  const Slot* slot = find(group_id);
  if (slot == nullptr) return out;
  for (const auto& [topic, partition] : slot->offsets.places())
    if (const OffsetValue* value = slot->offsets.find(topic, partition))
      out.push_back({topic, partition, *value});
  return out;
}

void GroupCoordinator::delete_groups(const DeleteGroupsRequest& request,
                                     GroupReply<DeleteGroupsResponse> reply) {
  struct Pending {
    DeleteGroupsResponse response;
    GroupReply<DeleteGroupsResponse> reply;
    size_t left = 1;  // the call's own
    void done(GroupTurn& turn) {
      if (--left == 0) turn.reply(std::move(reply), std::move(response));
    }
  };
  auto pending = std::make_shared<Pending>();
  pending->reply = std::move(reply);
  tick();  // whoever is overdue is no member, however late the timer's thread is
  run([&](GroupTurn& turn) {
    pending->response.results.resize(request.groups.size());
    for (size_t i = 0; i < request.groups.size(); ++i) {
      auto& result = pending->response.results[i];
      result.group_id = request.groups[i];
      ++pending->left;
      delete_group(turn, result.group_id, [pending, &result](GroupTurn& later, ErrorCode error) {
        result.error = error;
        pending->done(later);
      });
    }
    pending->done(turn);
  });
}

bool GroupCoordinator::is_empty(const Slot& slot) {
  return slot.classic ? slot.classic->state() == Group::State::kEmpty
                      : !slot.consumer || slot.consumer->is_empty();
}

/// The group itself, without its offsets.
void GroupCoordinator::forget(GroupTurn& turn, Slot& slot, const std::string& group_id,
                              GroupRecords& records) {
  if (slot.classic) {
    if (slot.classic->was_written()) {
      GroupRecord& record = records.emplace_back();
      record.key.kind = GroupRecordKind::kGroup;
      record.key.group_id = group_id;
    }
    slot.classic->die(turn);
    slot.classic = nullptr;
  }
  if (slot.consumer) {
    if (!slot.consumer->is_blank())
      for (GroupRecord& record : slot.consumer->tombstones()) records.push_back(std::move(record));
    slot.consumer->die();
    slot.consumer = nullptr;
  }
}

/// A deleted group is forgotten at once, so that nothing of it can come between its tombstones and
/// their acknowledgement.
void GroupCoordinator::delete_group(GroupTurn& turn, const std::string& group_id,
                                    std::function<void(GroupTurn&, ErrorCode)> done) {
  Slot* slot = find(group_id);
  if (group_id.empty()) return done(turn, ErrorCode::kInvalidGroupId);
  if (slot == nullptr || (!slot->classic && !slot->consumer))
    return done(turn, ErrorCode::kGroupIdNotFound);
  if (!is_empty(*slot)) return done(turn, ErrorCode::kNonEmptyGroup);
  GroupRecords records = erase_offsets(*slot, group_id, slot->offsets.places());
  forget(turn, *slot, group_id, records);
  if (slot->offsets.is_blank()) slots_.erase(group_id);
  if (records.empty()) return done(turn, ErrorCode::kNone);
  turn.write(group_id, std::move(records), [done = std::move(done)](GroupTurn& later, bool ok) {
    done(later, ok ? ErrorCode::kNone : ErrorCode::kCoordinatorNotAvailable);
  });
}

}  // namespace cne::kafka
