#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/authorizer.h"
#include "kafka/broker.h"
#include "log/topic_config.h"

namespace cne::kafka {

/// Where the value of a setting comes from, by the protocol's numbers.
enum class ConfigSource : int8_t {
  kTopic = 1,          // given for the topic
  kDynamicBroker = 2,  // changed while the broker ran
  kDynamicAll = 3,     // of all brokers, the same
  kStaticBroker = 4,   // in its file or on its command line
  kDefault = 5,
  kGroup = 8,  // given for the group
};

/// Whether the peer of a call may read or change the settings of a resource: kNone, or the error.
inline ErrorCode check_configs_access(Broker& broker, const Call& call, AclOperation operation,
                                      ResourceType type, std::string_view name) {
  const Authorizer& authorizer = broker.authorizer();
  switch (type) {
    case ResourceType::kTopic:
      return authorizer.allows(call, operation, on_topic(name))
                 ? ErrorCode::kNone
                 : ErrorCode::kTopicAuthorizationFailed;
    case ResourceType::kGroup:
      return authorizer.allows(call, operation, on_group(name))
                 ? ErrorCode::kNone
                 : ErrorCode::kGroupAuthorizationFailed;
    default:
      return authorizer.allows(call, operation, on_cluster())
                 ? ErrorCode::kNone
                 : ErrorCode::kClusterAuthorizationFailed;
  }
}

/// Where a broker's own setting comes from that was changed while it ran, and its value.
struct DynamicValue {
  ConfigSource source;
  std::string value;
};
/// The values of such a setting, that which counts first; none when it was not changed.
inline std::vector<DynamicValue> dynamic_values(const Broker& broker, std::string_view name) {
  const DynamicSettings& settings = broker.dynamic_settings();
  std::vector<DynamicValue> out;
  if (name.empty()) return out;
  const std::string own = std::to_string(broker.config().node_id);
  if (auto value = settings.find(ResourceType::kBroker, own, name))
    out.push_back({ConfigSource::kDynamicBroker, std::move(*value)});
  if (auto value = settings.find(ResourceType::kBroker, "", name))
    out.push_back({ConfigSource::kDynamicAll, std::move(*value)});
  return out;
}

/// Of a topic's setting.
inline ConfigSource config_source(const Broker& broker, const log::TopicConfig& config,
                                  std::string_view name) {
  if (log::is_set(config, name, "describe_configs")) return ConfigSource::kTopic;
  const auto changed = dynamic_values(broker, broker_name_of(name));
  if (!changed.empty()) return changed.front().source;
  const bool told = log::is_set(broker.told_topic_defaults(), name, "describe_configs");
  return told ? ConfigSource::kStaticBroker : ConfigSource::kDefault;
}

}  // namespace cne::kafka
