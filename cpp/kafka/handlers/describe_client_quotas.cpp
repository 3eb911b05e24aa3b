#include "kafka/messages/describe_client_quotas.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// There are no quotas: none is found.
void handle(Broker&, const CallPtr& call, DescribeClientQuotasRequest&&) {
  DescribeClientQuotasResponse response;
  response.entries.emplace();
  call->reply(response);
}

}  // namespace cne::kafka
