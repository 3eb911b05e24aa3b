#pragma once

#include <cstdint>
#include <string_view>

#include "kafka/authorizer.h"
#include "kafka/broker.h"
#include "log/topic_config.h"

namespace cne::kafka {

/// What has settings, by the protocol's numbers.
enum class ResourceType : int8_t {
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,
  kGroup = 32,
};

/// Where the value of a setting comes from, by the protocol's numbers.
enum class ConfigSource : int8_t {
  kTopic = 1,          // given for the topic
  kDynamicBroker = 2,  // changed while the broker ran
  kStaticBroker = 4,   // in its file or on its command line
  kDefault = 5,
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

/// Of a topic's setting.
inline ConfigSource config_source(const Broker& broker, const log::TopicConfig& config,
                                  std::string_view name) {
  if (log::is_set(config, name, "describe_configs")) return ConfigSource::kTopic;
  const bool told = log::is_set(broker.topic_defaults(), name, "describe_configs");
  return told ? ConfigSource::kStaticBroker : ConfigSource::kDefault;
}

}  // namespace cne::kafka
