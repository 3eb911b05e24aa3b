#include "kafka/messages/offset_fetch.h"

#include <utility>
#include <vector>

#include "kafka/broker.h"
#include "kafka/handlers/group_access.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"
#include "kafka/handlers/repeated.h"

namespace cne::kafka {

namespace {

using Request = OffsetFetchRequest;
using Response = OffsetFetchResponse;

/// The offsets of a group, as far as the peer may see them.
Response::Group fetch(Broker& broker, const Call& call, Request::Group group, bool require_stable) {
  if (!may(broker, call, AclOperation::kDescribe, group.group_id)) {
    Response::Group denied;
    denied.group_id = group.group_id;
    denied.error = ErrorCode::kGroupAuthorizationFailed;
    return denied;
  }
  std::vector<Response::Topic> denied;
  const bool all = !group.topics;
  if (group.topics)
    denied = take_denied<Response::Topic>(broker, call, AclOperation::kDescribe, *group.topics);
  Response::Group out = broker.groups().offset_fetch(group_client(call), group, require_stable);
  if (all && broker.authorizer().is_enabled())
    std::erase_if(out.topics, [&](const Response::Topic& topic) {
      return !broker.authorizer().allows(call, AclOperation::kDescribe, on_topic(topic.name));
    });
  if (out.error == ErrorCode::kNone) append_denied(out.topics, denied);
  return out;
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, OffsetFetchRequest&& request) {
  OffsetFetchResponse response;
  if (call->version() >= 8) {
    drop_repeated(request.groups, &Request::Group::group_id);
    for (const auto& group : request.groups)
      response.groups.push_back(fetch(broker, *call, group, request.require_stable));
  } else {
    OffsetFetchRequest::Group one;
    one.group_id = std::move(request.group_id);
    one.topics = std::move(request.topics);
    auto group = fetch(broker, *call, std::move(one), request.require_stable);
    response.topics = std::move(group.topics);
    response.error = group.error;
  }
  call->reply(response);
}

}  // namespace cne::kafka
