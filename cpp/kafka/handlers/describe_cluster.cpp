#include "kafka/messages/describe_cluster.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, DescribeClusterRequest&& request) {
  DescribeClusterResponse response;
  constexpr int8_t kBrokers = 1;
  if (request.endpoint_type != kBrokers) {
    response.error = ErrorCode::kUnsupportedEndpointType;
    response.error_message = "this is a broker, not a controller";
    return call->reply(response);
  }
  const auto endpoint = broker.advertised(call->peer().listener);
  response.cluster_id = broker.cluster_id();
  response.controller_id = broker.config().node_id;
  auto& self = response.brokers.emplace_back();
  self.broker_id = broker.config().node_id;
  self.host = endpoint.host;
  self.port = endpoint.port;
  const Authorizer& authorizer = broker.authorizer();
  if (request.include_cluster_authorized_operations)
    response.cluster_authorized_operations =
        authorizer.allows(*call, AclOperation::kDescribe, on_cluster())
            ? authorizer.operations(*call, on_cluster())
            : 0;
  call->reply(response);
}

}  // namespace cne::kafka
