#include "kafka/messages/list_config_resources.h"

#include <algorithm>

#include "kafka/broker.h"
#include "kafka/config_source.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, ListConfigResourcesRequest&& request) {
  ListConfigResourcesResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribeConfigs, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  // Version 0 lists resources of client metrics, of which there are none.
  const auto& types = request.resource_types;
  const auto wants = [&](ResourceType type) {
    return call->version() >= 1 &&
           (types.empty() ||
            std::find(types.begin(), types.end(), static_cast<int8_t>(type)) != types.end());
  };
  const auto add = [&](std::string name, ResourceType type) {
    auto& out = response.config_resources.emplace_back();
    out.resource_name = std::move(name);
    out.resource_type = static_cast<int8_t>(type);
  };
  if (wants(ResourceType::kTopic))
    for (const std::string& name : broker.store().topics()) add(name, ResourceType::kTopic);
  if (wants(ResourceType::kBroker))
    add(std::to_string(broker.config().node_id), ResourceType::kBroker);
  if (wants(ResourceType::kBrokerLogger))
    add(std::to_string(broker.config().node_id), ResourceType::kBrokerLogger);
  if (wants(ResourceType::kGroup))
    for (const std::string& group : broker.dynamic_settings().resources(ResourceType::kGroup))
      add(group, ResourceType::kGroup);
  for (const int8_t type : types) {
    static constexpr int8_t kKnown[] = {2, 4, 8, 16, 32};
    if (std::find(std::begin(kKnown), std::end(kKnown), type) == std::end(kKnown))
      response.error = ErrorCode::kUnsupportedVersion;
  }
  if (response.error != ErrorCode::kNone) response.config_resources.clear();
  call->reply(response);
}

}  // namespace cne::kafka
