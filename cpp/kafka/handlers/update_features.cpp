#include "kafka/messages/update_features.h"

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

/// The levels of features are fixed: what they already are is granted.
void handle(Broker& broker, const CallPtr& call, UpdateFeaturesRequest&& request) {
  UpdateFeaturesResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kAlter, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  for (const auto& update : request.feature_updates) {
    auto& result = response.results.emplace_back();
    result.feature = update.feature;
    if (std::any_of(std::begin(kFeatures), std::end(kFeatures), [&](const Feature& feature) {
          return update.feature == feature.name && update.max_version_level == feature.level;
        }))
      continue;
    result.error = ErrorCode::kInvalidUpdateVersion;
    result.error_message = "the levels of features cannot be changed";
    // From version 2 on there is one answer for all.
    if (call->version() < 2) continue;
    response.error = result.error;
    response.error_message = message(update.feature, ": ", *result.error_message);
  }
  call->reply(response);
}

}  // namespace cne::kafka
