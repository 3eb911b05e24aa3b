#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kafka/assignment.h"
#include "kafka/group_records.h"
#include "kafka/group_turn.h"

namespace cne::kafka {

/// One member of a group of the consumer protocol (KIP-848).
struct ConsumerMember {
  /// As the records number them.
  enum class State : int8_t {
    kStable = 0,
    kUnrevoked = 1,   // it has to give up partitions first
    kUnreleased = 2,  // others still have partitions that it shall get
  };

  std::string id;
  ConsumerMemberValue told;  // what it told of itself
  int32_t epoch = 0;
  int32_t previous_epoch = 0;
  State state = State::kStable;
  Assignment assigned;
  Assignment revoking;  // it still has them, and shall not

  GroupDeadline session;
  GroupDeadline revocation;  // by when it has to have revoked
  // Of a member that speaks the classic protocol: by when it has to join again, or to sync.
  GroupDeadline rejoin;
  bool awaits_sync = false;

  bool is_classic() const { return told.classic.has_value(); }
  bool is_at(int32_t target_epoch) const {
    return state == State::kStable && epoch == target_epoch;
  }
};

/// Brings a member one step nearer to its target: it gives up what it shall not have, and only then
/// gets what is free. `owned` is what it says it has; nothing when it did not say.
/// `is_free` says of a partition whether nobody has it. Returns whether anything changed.
/// KIP-848, "Member Epoch and Assignment Reconciliation".
bool reconcile(ConsumerMember& member, int32_t target_epoch, const Assignment& target,
               const std::optional<Assignment>& owned,
               const std::function<bool(const Uuid& topic, int32_t partition)>& is_free);

}  // namespace cne::kafka
