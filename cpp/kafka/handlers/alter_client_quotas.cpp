#include "kafka/messages/alter_client_quotas.h"

#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

void handle(Broker&, const CallPtr& call, AlterClientQuotasRequest&& request) {
  AlterClientQuotasResponse response;
  for (const auto& entry : request.entries) {
    auto& out = response.entries.emplace_back();
    out.error = ErrorCode::kUnsupportedVersion;
    out.error_message = "this broker has no quotas";
    for (const auto& entity : entry.entity) {
      auto& named = out.entity.emplace_back();
      named.entity_type = entity.entity_type;
      named.entity_name = entity.entity_name;
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
