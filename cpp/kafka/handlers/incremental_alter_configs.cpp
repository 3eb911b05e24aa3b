#include "kafka/messages/incremental_alter_configs.h"

#include <vector>

#include "kafka/broker.h"
#include "kafka/config_change.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, IncrementalAlterConfigsRequest&& request) {
  IncrementalAlterConfigsResponse response;
  for (const auto& resource : request.resources) {
    std::vector<ConfigChange> changes;
    for (const auto& config : resource.configs)
      changes.push_back(
          {config.name, config.value, static_cast<ConfigChange::Kind>(config.config_operation)});
    auto& result = response.responses.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    const ConfigOutcome outcome =
        change_configs(broker, *call, static_cast<ResourceType>(resource.resource_type),
                       resource.resource_name, changes, false, request.validate_only);
    result.error = outcome.error;
    if (!outcome.why.empty()) result.error_message = outcome.why;
  }
  call->reply(response);
}

}  // namespace cne::kafka
