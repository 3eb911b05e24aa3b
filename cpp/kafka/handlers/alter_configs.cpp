#include "kafka/messages/alter_configs.h"

#include <set>
#include <vector>

#include "kafka/broker.h"
#include "kafka/config_change.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// Gives the settings named and takes all others back to their defaults.
void handle(Broker& broker, const CallPtr& call, AlterConfigsRequest&& request) {
  AlterConfigsResponse response;
  for (const auto& resource : request.resources) {
    std::vector<ConfigChange> changes;
    for (const auto& config : resource.configs)
      changes.push_back({config.name, config.value, ConfigChange::Kind::kSet});
    auto& result = response.responses.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    const ConfigOutcome outcome =
        change_configs(broker, *call, static_cast<ResourceType>(resource.resource_type),
                       resource.resource_name, changes, true, request.validate_only);
    result.error = outcome.error;
    if (!outcome.why.empty()) result.error_message = outcome.why;
  }
  call->reply(response);
}

}  // namespace cne::kafka
