#include "kafka/messages/api_versions.h"

#include "kafka/api_table.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

constexpr int16_t kProduceKey = 0;

}  // namespace

void handle(Broker&, const CallPtr& call, ApiVersionsRequest&& request) {
  ApiVersionsResponse response;
  for (const Route& route : routes()) {
    // Clients of librdkafka before 2.11.1 compress nothing when a broker knows no Produce 0.
    const int16_t first = route.api.key == kProduceKey ? int16_t{0} : route.api.first;
    response.apis.push_back({route.api.key, first, route.api.last});
  }
  if (!ApiVersionsRequest::kApi.has(call->version())) {
    response.error = ErrorCode::kUnsupportedVersion;
    return call->reply_as(response, 0);
  }
  call->peer().software_name = request.client_software_name;
  call->peer().software_version = request.client_software_version;
  response.finalized_features_epoch = 0;
  for (const auto& [name, level] : kFeatures) {
    response.supported_features.push_back({name, 0, level});
    response.finalized_features.push_back({name, level, level});
  }
  call->reply(response);
}

}  // namespace cne::kafka
