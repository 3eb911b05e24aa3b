#pragma once

#include <utility>

#include "kafka/broker.h"
#include "kafka/call.h"
#include "kafka/group_turn.h"

namespace cne::kafka {

/// Who sent a request to a group.
inline GroupClient group_client(const Call& call) {
  return {call.header().client_id.value_or(""), "/" + call.peer().address, call.version()};
}

/// What a group answers later goes to `answer`, unless the broker has gone: groups may outlive it.
template <typename Response, typename Answer>
GroupReply<Response> while_open(Broker& broker, Answer answer) {
  return [gate = broker.answer_gate(), answer = std::move(answer)](const Response& response) {
    gate->pass([&] { answer(response); });
  };
}

/// Answers the call by whatever it is called with.
template <typename Response>
GroupReply<Response> reply_to(Broker& broker, const CallPtr& call) {
  return while_open<Response>(broker, [call](const Response& response) { call->reply(response); });
}

}  // namespace cne::kafka
