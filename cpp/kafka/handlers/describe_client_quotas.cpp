#include "kafka/messages/describe_client_quotas.h"

#include <algorithm>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/handlers/handlers.h"

namespace cne::kafka {

namespace {

enum class MatchType : int8_t { kExact = 0, kDefault = 1, kSpecified = 2 };

/// Kafka tells values in this order, and clients compare lists.
constexpr std::string_view kOrder[] = {kConsumerByteRate, "controller_mutation_rate",
                                       "request_percentage", kProducerByteRate,
                                       "connection_creation_rate"};

bool is_type(std::string_view type) {
  return type == kQuotaUser || type == kQuotaClientId || type == kQuotaIp;
}

struct Fault {
  ErrorCode error = ErrorCode::kNone;
  std::string why;
};

Fault read_filter(const DescribeClientQuotasRequest& request, QuotaFilter& filter) {
  filter.strict = request.strict;
  for (const auto& component : request.components) {
    const std::string& type = component.entity_type;
    const auto match = static_cast<MatchType>(component.match_type);
    if (type.empty()) return {ErrorCode::kInvalidRequest, "a type of entity is empty"};
    if (filter.exact.contains(type) || filter.named.contains(type))
      return {ErrorCode::kInvalidRequest, message("the type \"", type, "\" is named twice")};
    if (!is_type(type))
      return {ErrorCode::kUnsupportedVersion, message("no entity has the type \"", type, "\"")};
    if (match < MatchType::kExact || match > MatchType::kSpecified)
      return {ErrorCode::kInvalidRequest, message("no match ", int{component.match_type})};
    if ((match == MatchType::kExact) != component.match.has_value())
      return {ErrorCode::kInvalidRequest, "a name is for a match of a name, and no other"};
    if (match == MatchType::kSpecified)
      filter.named.insert(type);
    else
      filter.exact.emplace(type, component.match);
  }
  const auto has = [&](std::string_view type) {
    return filter.exact.contains(type) || filter.named.contains(type);
  };
  if (has(kQuotaIp) && (has(kQuotaUser) || has(kQuotaClientId)))
    return {ErrorCode::kInvalidRequest, "an ip beside a user or a client-id"};
  return {};
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DescribeClientQuotasRequest&& request) {
  DescribeClientQuotasResponse response;
  if (!broker.authorizer().allows(*call, AclOperation::kDescribeConfigs, on_cluster())) {
    response.error = ErrorCode::kClusterAuthorizationFailed;
    return call->reply(response);
  }
  QuotaFilter filter;
  if (auto [error, why] = read_filter(request, filter); error != ErrorCode::kNone) {
    response.error = error;
    response.error_message = std::move(why);
    return call->reply(response);
  }
  auto& entries = response.entries.emplace();
  auto found = broker.quotas().store().list(filter);
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  for (const auto& [entity, values] : found) {
    auto& out = entries.emplace_back();
    for (const auto& [type, name] : entity) {
      auto& named = out.entity.emplace_back();
      named.entity_type = type;
      named.entity_name = name;
    }
    for (const std::string_view key : kOrder) {
      const auto value = values.find(key);
      if (value == values.end()) continue;
      auto& told = out.values.emplace_back();
      told.key = key;
      told.value = value->second;
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
