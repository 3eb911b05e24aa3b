#include "kafka/config_change.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/utf8.h"
#include "kafka/dynamic_settings.h"
#include "kafka/topics.h"
#include "log/topic_config.h"

namespace cne::kafka {

namespace {

constexpr char kFunction[] = "alter_configs";

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> out;
  for (size_t at = 0; at <= list.size();) {
    const size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) out.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return out;
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ",") + part;
  return out;
}

/// A list with the parts of `value` added or taken away.
std::string edit_list(const std::string& now, const std::string& value, bool append) {
  std::vector<std::string> parts = parts_of(now);
  for (const std::string& part : parts_of(value)) {
    const auto found = std::find(parts.begin(), parts.end(), part);
    if (append && found == parts.end()) parts.push_back(part);
    if (!append && found != parts.end()) parts.erase(found);
  }
  return join(parts);
}

void apply(log::TopicConfig& config, const ConfigChange& change) {
  const log::TopicSetting& setting =
      log::topic_settings()[log::find_setting(change.name, kFunction)];
  if (change.kind == ConfigChange::Kind::kDelete)
    return log::unset_setting(config, change.name, kFunction);
  if (!change.value)
    throw ArgumentError(message(kFunction, ": expected a value for \"", change.name, "\""));
  if (change.kind == ConfigChange::Kind::kSet)
    return log::set_setting(config, change.name, *change.value, kFunction);
  if (setting.type != log::SettingType::kList)
    throw ArgumentError(message(kFunction, ": \"", change.name, "\" is no list"));
  const bool append = change.kind == ConfigChange::Kind::kAppend;
  const std::string now = log::get_setting(config, change.name, kFunction);
  log::set_setting(config, change.name, edit_list(now, *change.value, append), kFunction);
}

void change_all(log::TopicConfig& config, const std::vector<ConfigChange>& changes, bool replace) {
  if (replace)
    for (const log::TopicSetting& setting : log::topic_settings())
      log::unset_setting(config, setting.name, kFunction);
  for (const ConfigChange& change : changes) apply(config, change);
}

/// A change that is none, whatever it is of.
std::optional<ConfigOutcome> refuse(const std::vector<ConfigChange>& changes) {
  std::set<std::string> names;
  for (const ConfigChange& change : changes) {
    if (!names.insert(change.name).second)
      return ConfigOutcome{ErrorCode::kInvalidRequest,
                           message("\"", change.name, "\" is named twice")};
    if (change.kind < ConfigChange::Kind::kSet || change.kind > ConfigChange::Kind::kSubtract)
      return ConfigOutcome{ErrorCode::kInvalidRequest,
                           message("no operation ", static_cast<int>(change.kind))};
  }
  return std::nullopt;
}

/// Of a broker or group: `values` are those that were changed while the broker ran.
void apply(SettingValues& values, const DynamicSetting& setting, const ConfigChange& change,
           const log::TopicConfig& defaults) {
  if (change.kind == ConfigChange::Kind::kDelete) {
    values.erase(change.name);
    return;
  }
  if (!change.value)
    throw ArgumentError(message(kFunction, ": expected a value for \"", change.name, "\""));
  if (!is_utf8(*change.value))
    throw ArgumentError(message(kFunction, ": the value of \"", change.name, "\" is no UTF-8"));
  std::string& value = values[change.name];
  if (change.kind == ConfigChange::Kind::kSet) {
    value = *change.value;
    return;
  }
  if (setting.type != log::SettingType::kList)
    throw ArgumentError(message(kFunction, ": \"", change.name, "\" is no list"));
  if (value.empty()) value = log::get_setting(defaults, setting.topic_setting, kFunction);
  value = edit_list(value, *change.value, change.kind == ConfigChange::Kind::kAppend);
}

ConfigOutcome change_dynamic(Broker& broker, ResourceType type, const std::string& resource,
                             const std::vector<ConfigChange>& changes, bool replace,
                             bool validate_only) {
  const bool of_broker = type == ResourceType::kBroker;
  const ErrorCode bad_value =
      of_broker ? ErrorCode::kInvalidRequest : ErrorCode::kInvalidConfig;  // as Kafka
  if (of_broker && !resource.empty() && resource != std::to_string(broker.config().node_id))
    return {ErrorCode::kInvalidRequest, message("expected the broker \"", broker.config().node_id,
                                                "\" or \"\", got \"", resource, "\"")};
  if (!of_broker && (resource.empty() || !is_utf8(resource)))
    return {ErrorCode::kInvalidRequest, "expected the id of a group, got none or no UTF-8"};
  for (const ConfigChange& change : changes)
    if (find_dynamic_setting(type, change.name) == nullptr)
      return {bad_value,
              of_broker ? message("\"", change.name, "\" cannot be changed while the broker runs")
                        : message("groups have no setting \"", change.name, "\"")};
  const auto edit = [&](SettingValues& values) {
    if (replace) values.clear();
    for (const ConfigChange& change : changes)
      apply(values, *find_dynamic_setting(type, change.name), change, broker.topic_defaults());
    check_values(type, values, broker.config());
  };
  try {
    if (validate_only) {
      SettingValues copy = broker.dynamic_settings().of(type, resource);
      edit(copy);
      return {};
    }
    broker.dynamic_settings().change(type, resource, edit);
    broker.apply_settings();
  } catch (const ArgumentError& wrong) {
    return {bad_value, wrong.what()};
  } catch (const Error& failure) {
    return {ErrorCode::kKafkaStorageError, failure.what()};
  }
  return {};
}

}  // namespace

ConfigOutcome change_configs(Broker& broker, const Call& call, ResourceType type,
                             const std::string& resource, const std::vector<ConfigChange>& changes,
                             bool replace, bool validate_only) {
  const ErrorCode denied =
      check_configs_access(broker, call, AclOperation::kAlterConfigs, type, resource);
  if (denied != ErrorCode::kNone) return {denied, "the settings may not be changed"};
  if (auto refused = refuse(changes)) return *refused;
  if (type == ResourceType::kBroker || type == ResourceType::kGroup)
    return change_dynamic(broker, type, resource, changes, replace, validate_only);
  if (type != ResourceType::kTopic)
    return {ErrorCode::kInvalidRequest, message("settings of resources of type ",
                                                static_cast<int>(type), " cannot be changed")};
  const auto info = broker.store().find_topic(resource);
  if (!info)
    return {is_topic_name(resource) ? ErrorCode::kUnknownTopicOrPartition
                                    : ErrorCode::kInvalidTopicException,
            message("there is no topic \"", resource, "\"")};
  try {
    if (validate_only) {
      log::TopicConfig copy = *info->config;
      change_all(copy, changes, replace);
      log::apply_defaults(copy, broker.topic_defaults());
      log::check_config(copy, kFunction);
    } else {
      broker.store().alter_config(
          resource, [&](log::TopicConfig& config) { change_all(config, changes, replace); });
    }
  } catch (const ArgumentError& wrong) {
    return {ErrorCode::kInvalidConfig, wrong.what()};
  } catch (const Error& failure) {
    return {ErrorCode::kKafkaStorageError, failure.what()};
  }
  return {};
}

}  // namespace cne::kafka
