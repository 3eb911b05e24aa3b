#pragma once

#include "kafka/call.h"
#include "kafka/group_turn.h"

namespace cne::kafka {

/// Who sent a request to a group.
inline GroupClient group_client(const Call& call) {
  return {call.header().client_id.value_or(""), "/" + call.peer().address, call.version()};
}

/// Answers the call by whatever it is called with.
template <typename Response>
GroupReply<Response> reply_to(const CallPtr& call) {
  return [call](const Response& response) { call->reply(response); };
}

/// What anybody may do to a group while nobody authorizes: read, delete, describe, and describe and
/// alter its settings, by the bits of the protocol's operations.
constexpr int32_t kGroupOperations = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

}  // namespace cne::kafka
