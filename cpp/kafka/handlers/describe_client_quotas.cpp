#include "kafka/messages/describe_client_quotas.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// There are no quotas: none is found.
void handle(Broker& broker, const CallPtr& call, DescribeClientQuotasRequest&&) {
  DescribeClientQuotasResponse response;
  if (broker.authorizer().allows(*call, AclOperation::kDescribeConfigs, on_cluster()))
    response.entries.emplace();
  else
    response.error = ErrorCode::kClusterAuthorizationFailed;
  call->reply(response);
}

}  // namespace cne::kafka
