#include "kafka/messages/consumer_group_describe.h"

#include <utility>

#include "kafka/broker.h"
#include "kafka/handlers/groups.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ConsumerGroupDescribeRequest&& request) {
  ConsumerGroupDescribeResponse response;
  for (const std::string& id : request.groups) {
    auto group = broker.groups().describe_consumer_group(id);
    if (request.include_authorized_operations && group.error == ErrorCode::kNone)
      group.authorized_operations = kGroupOperations;
    response.groups.push_back(std::move(group));
  }
  call->reply(response);
}

}  // namespace cne::kafka
