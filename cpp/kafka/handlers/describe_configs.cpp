#include "kafka/messages/describe_configs.h"

#include <algorithm>

#include "core/error.h"
#include "kafka/broker.h"
#include "kafka/config_source.h"
#include "kafka/handlers/handlers.h"
#include "kafka/handlers/repeated.h"
#include "kafka/topics.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

using Resource = DescribeConfigsRequest::Resource;
using Result = DescribeConfigsResponse::Result;

/// No names are all of them, as in Kafka.
bool wants(const Resource& resource, std::string_view name) {
  const auto& keys = resource.configuration_keys;
  return !keys || keys->empty() || std::find(keys->begin(), keys->end(), name) != keys->end();
}

/// The protocol's number of a type.
int8_t type_number(log::SettingType type) {
  switch (type) {
    case log::SettingType::kBoolean:
      return 1;
    case log::SettingType::kString:
      return 2;
    case log::SettingType::kInt:
      return 3;
    case log::SettingType::kLong:
      return 5;
    case log::SettingType::kDouble:
      return 6;
    case log::SettingType::kList:
      return 7;
  }
  return 0;
}

void add_synonym(Result::Config& config, std::string name, std::string value, ConfigSource source) {
  auto& synonym = config.synonyms.emplace_back();
  synonym.name = std::move(name);
  synonym.value = std::move(value);
  synonym.source = static_cast<int8_t>(source);
}

void describe_topic(const Broker& broker, const log::TopicConfig& config, const Resource& resource,
                    const DescribeConfigsRequest& request, Result& result) {
  const log::TopicConfig standard = log::kafka_defaults();
  for (const log::TopicSetting& setting : log::topic_settings()) {
    if (!wants(resource, setting.name)) continue;
    const auto value_in = [&](const log::TopicConfig& from) {
      return log::get_setting(from, setting.name, "describe_configs");
    };
    const ConfigSource source = config_source(broker, config, setting.name);
    auto& out = result.configs.emplace_back();
    out.name = setting.name;
    out.value = value_in(config);
    out.config_source = static_cast<int8_t>(source);
    out.config_type = type_number(setting.type);
    if (request.include_documentation) out.documentation = setting.description;
    if (!request.include_synonyms) continue;
    if (source == ConfigSource::kTopic)
      add_synonym(out, out.name, value_in(config), ConfigSource::kTopic);
    if (log::is_set(broker.topic_defaults(), setting.name, "describe_configs"))
      add_synonym(out, out.name, value_in(broker.topic_defaults()), ConfigSource::kStaticBroker);
    add_synonym(out, out.name, value_in(standard), ConfigSource::kDefault);
  }
}

void describe_broker(const Broker& broker, const Resource& resource,
                     const DescribeConfigsRequest& request, Result& result) {
  for (const BrokerConfig::Entry& entry : broker.config().entries()) {
    if (!wants(resource, entry.name)) continue;
    auto& out = result.configs.emplace_back();
    const auto source = entry.is_default ? ConfigSource::kDefault : ConfigSource::kStaticBroker;
    out.name = entry.name;
    if (entry.is_secret)
      out.is_sensitive = true;  // and no value
    else
      out.value = entry.value;
    out.read_only = true;
    out.config_source = static_cast<int8_t>(source);
    out.config_type = entry.type == "boolean" ? type_number(log::SettingType::kBoolean)
                      : entry.type == "int"   ? type_number(log::SettingType::kInt)
                      : entry.type == "long"  ? type_number(log::SettingType::kLong)
                                              : type_number(log::SettingType::kString);
    if (request.include_documentation) out.documentation = entry.documentation;
    if (request.include_synonyms && !entry.is_secret)
      add_synonym(out, entry.name, entry.value, source);
  }
}

void fail(Result& result, ErrorCode error, std::string why) {
  result.error = error;
  result.error_message = std::move(why);
}

}  // namespace

void handle(Broker& broker, const CallPtr& call, DescribeConfigsRequest&& request) {
  DescribeConfigsResponse response;
  drop_repeated(request.resources, [](const Resource& resource) {
    return std::pair(resource.resource_type, resource.resource_name);
  });
  for (const Resource& resource : request.resources) {
    Result& result = response.results.emplace_back();
    result.resource_type = resource.resource_type;
    result.resource_name = resource.resource_name;
    const auto type = static_cast<ResourceType>(resource.resource_type);
    const ErrorCode denied = check_configs_access(broker, *call, AclOperation::kDescribeConfigs,
                                                  type, resource.resource_name);
    if (denied != ErrorCode::kNone) {
      fail(result, denied, "the settings may not be described");
      continue;
    }
    switch (type) {
      case ResourceType::kTopic:
        if (const auto info = broker.store().find_topic(resource.resource_name))
          describe_topic(broker, *info->config, resource, request, result);
        else if (is_topic_name(resource.resource_name))
          fail(result, ErrorCode::kUnknownTopicOrPartition, "there is no such topic");
        else
          fail(result, ErrorCode::kInvalidTopicException, "that is no name of a topic");
        break;
      case ResourceType::kBroker:
        if (resource.resource_name.empty() ||
            resource.resource_name == std::to_string(broker.config().node_id))
          describe_broker(broker, resource, request, result);
        else
          fail(result, ErrorCode::kInvalidRequest,
               message("expected the broker \"", broker.config().node_id, "\", got \"",
                       resource.resource_name, "\""));
        break;
      case ResourceType::kBrokerLogger:
      case ResourceType::kClientMetrics:
      case ResourceType::kGroup:
        break;  // nothing is set
      default:
        fail(result, ErrorCode::kInvalidRequest,
             message("no resource of type ", static_cast<int>(resource.resource_type)));
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
