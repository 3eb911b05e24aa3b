#include "kafka/messages/describe_configs.h"

#include <algorithm>
#include <map>

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
    const std::string broker_name = broker_name_of(setting.name);
    const std::string& name = broker_name.empty() ? out.name : broker_name;
    for (auto& [from, value] : dynamic_values(broker, broker_name))
      add_synonym(out, name, std::move(value), from);
    if (log::is_set(broker.told_topic_defaults(), setting.name, "describe_configs"))
      add_synonym(out, name, value_in(broker.told_topic_defaults()), ConfigSource::kStaticBroker);
    add_synonym(out, name, value_in(standard), ConfigSource::kDefault);
  }
}

/// Those that the broker was started with and those that were changed since, by name.
std::map<std::string, BrokerConfig::Entry> entries_of(const Broker& broker) {
  std::map<std::string, BrokerConfig::Entry> out;
  for (const BrokerConfig::Entry& entry : broker.config().entries()) out[entry.name] = entry;
  for (const DynamicSetting& setting : dynamic_settings(ResourceType::kBroker)) {
    if (out.contains(setting.name) || dynamic_values(broker, setting.name).empty()) continue;
    // It has the value of Kafka's topics, or none.
    const std::string standard =
        setting.topic_setting.empty()
            ? std::string()
            : log::get_setting(log::kafka_defaults(), setting.topic_setting, "describe_configs");
    out[setting.name] = {setting.name, standard, true, "string", setting.documentation};
  }
  return out;
}

void describe_broker(const Broker& broker, const Resource& resource,
                     const DescribeConfigsRequest& request, Result& result) {
  const bool of_all = resource.resource_name.empty();
  for (const auto& [name, entry] : entries_of(broker)) {
    if (!wants(resource, name)) continue;
    const auto told = entry.is_default ? ConfigSource::kDefault : ConfigSource::kStaticBroker;
    const DynamicSetting* setting = find_dynamic_setting(ResourceType::kBroker, name);
    auto changed = dynamic_values(broker, setting != nullptr ? name : "");
    // Without a number: what was changed for all brokers, alone.
    if (of_all)
      std::erase_if(changed, [](const DynamicValue& each) {
        return each.source != ConfigSource::kDynamicAll;
      });
    if (of_all && changed.empty()) continue;
    auto& out = result.configs.emplace_back();
    out.name = name;
    if (entry.is_secret)
      out.is_sensitive = true;  // and no value
    else
      out.value = changed.empty() ? entry.value : changed.front().value;
    out.read_only = setting == nullptr;
    out.config_source = static_cast<int8_t>(changed.empty() ? told : changed.front().source);
    out.config_type = setting != nullptr        ? type_number(setting->type)
                      : entry.type == "boolean" ? type_number(log::SettingType::kBoolean)
                      : entry.type == "int"     ? type_number(log::SettingType::kInt)
                      : entry.type == "long"    ? type_number(log::SettingType::kLong)
                                                : type_number(log::SettingType::kString);
    if (request.include_documentation) out.documentation = entry.documentation;
    if (!request.include_synonyms || entry.is_secret) continue;
    for (const DynamicValue& each : changed) add_synonym(out, name, each.value, each.source);
    if (!(entry.is_default && entry.value.empty() && !changed.empty()))
      add_synonym(out, name, entry.value, told);
  }
}

void describe_group(const Broker& broker, const Resource& resource,
                    const DescribeConfigsRequest& request, Result& result) {
  const auto told = broker.config().entries();
  for (const DynamicSetting& setting : dynamic_settings(ResourceType::kGroup)) {
    if (!wants(resource, setting.name)) continue;
    const std::string of_all = "group." + setting.name;
    const auto standard = std::find_if(told.begin(), told.end(),
                                       [&](const auto& each) { return each.name == of_all; });
    const auto source = standard->is_default ? ConfigSource::kDefault : ConfigSource::kStaticBroker;
    const auto own =
        broker.dynamic_settings().find(ResourceType::kGroup, resource.resource_name, setting.name);
    auto& out = result.configs.emplace_back();
    out.name = setting.name;
    out.value = own ? *own : standard->value;
    out.config_source = static_cast<int8_t>(own ? ConfigSource::kGroup : source);
    out.config_type = type_number(setting.type);
    if (request.include_documentation) out.documentation = setting.documentation;
    if (!request.include_synonyms) continue;
    if (own) add_synonym(out, setting.name, *own, ConfigSource::kGroup);
    add_synonym(out, of_all, standard->value, source);
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
      case ResourceType::kGroup:
        describe_group(broker, resource, request, result);
        break;
      case ResourceType::kBrokerLogger:
      case ResourceType::kClientMetrics:
        break;  // nothing is set
      default:
        fail(result, ErrorCode::kInvalidRequest,
             message("no resource of type ", static_cast<int>(resource.resource_type)));
    }
  }
  call->reply(response);
}

}  // namespace cne::kafka
