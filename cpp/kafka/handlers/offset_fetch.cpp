#include "kafka/messages/offset_fetch.h"

#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, OffsetFetchRequest&& request) {
  const GroupClient client = group_client(*call);
  OffsetFetchResponse response;
  if (call->version() >= 8) {
    for (const auto& group : request.groups)
      response.groups.push_back(
          broker.groups().offset_fetch(client, group, request.require_stable));
  } else {
    OffsetFetchRequest::Group one;
    one.group_id = std::move(request.group_id);
    one.topics = std::move(request.topics);
    auto group = broker.groups().offset_fetch(client, one, request.require_stable);
    response.topics = std::move(group.topics);
    response.error = group.error;
  }
  call->reply(response);
}

}  // namespace cne::kafka
