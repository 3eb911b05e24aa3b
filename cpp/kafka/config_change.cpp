#include "kafka/config_change.h"

#include <algorithm>
#include <set>

#include "core/error.h"
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

}  // namespace

ConfigOutcome change_configs(Broker& broker, const Call& call, ResourceType type,
                             const std::string& resource, const std::vector<ConfigChange>& changes,
                             bool replace, bool validate_only) {
  const ErrorCode denied =
      check_configs_access(broker, call, AclOperation::kAlterConfigs, type, resource);
  if (denied != ErrorCode::kNone) return {denied, "the settings may not be changed"};
  if (type == ResourceType::kBroker)
    return {ErrorCode::kInvalidRequest, "the settings of the broker are fixed while it runs"};
  if (type != ResourceType::kTopic)
    return {ErrorCode::kInvalidRequest, message("settings of resources of type ",
                                                static_cast<int>(type), " cannot be changed")};
  const auto info = broker.store().find_topic(resource);
  if (!info)
    return {is_topic_name(resource) ? ErrorCode::kUnknownTopicOrPartition
                                    : ErrorCode::kInvalidTopicException,
            message("there is no topic \"", resource, "\"")};
  std::set<std::string> names;
  for (const ConfigChange& change : changes) {
    if (!names.insert(change.name).second)
      return {ErrorCode::kInvalidRequest, message("\"", change.name, "\" is named twice")};
    if (change.kind < ConfigChange::Kind::kSet || change.kind > ConfigChange::Kind::kSubtract)
      return {ErrorCode::kInvalidRequest, message("no operation ", static_cast<int>(change.kind))};
  }
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
