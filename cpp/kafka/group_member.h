#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka/group_turn.h"
#include "kafka/messages/join_group.h"
#include "kafka/messages/sync_group.h"

namespace cne::kafka {

/// One member of a classic group.
struct GroupMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = 0;
  std::vector<JoinGroupRequest::Protocol> protocols;  // the preferred one first
  std::string assignment;

  /// Has not seen its id yet, so that it cannot send heartbeats.
  bool is_new = false;
  bool awaits_sync = false;  // its SyncGroup of this generation has not come
  GroupReply<JoinGroupResponse> join;
  GroupReply<SyncGroupResponse> sync;
  GroupDeadline deadline;  // of its session, or of waiting when it is new

  const std::string* metadata_of(const std::string& protocol) const {
    for (const auto& each : protocols)
      if (each.name == protocol) return &each.metadata.data;
    return nullptr;
  }
};

}  // namespace cne::kafka
