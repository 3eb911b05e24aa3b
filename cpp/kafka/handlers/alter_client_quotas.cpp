#include "kafka/messages/alter_client_quotas.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker& broker, const CallPtr& call, AlterClientQuotasRequest&& request) {
  const bool allowed = broker.authorizer().allows(*call, AclOperation::kAlterConfigs, on_cluster());
  AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& out = response.entries.emplace_back();
    out.error = allowed ? ErrorCode::kUnsupportedVersion : ErrorCode::kClusterAuthorizationFailed;
    out.error_message = allowed ? "this broker has no quotas" : "quotas may not be changed";
    for (const auto& entity : entry.entity) {
      auto& named = out.entity.emplace_back();
      named.entity_type = entity.entity_type;
      named.entity_name = entity.entity_name;
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
