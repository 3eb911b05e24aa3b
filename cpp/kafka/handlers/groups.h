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

}  // namespace cne::kafka
