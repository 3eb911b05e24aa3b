#include "kafka/dynamic_settings.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "core/error.h"
#include "kafka/security_file.h"

namespace cne::kafka {

namespace {

using log::SettingType;

constexpr char kFunction[] = "alter_configs";
constexpr char kSession[] = "consumer.session.timeout.ms";
constexpr char kHeartbeat[] = "consumer.heartbeat.interval.ms";
constexpr char kMessageBytes[] = "message.max.bytes";
constexpr char kNothing[] = "Accepted; this broker has nothing that it is for.";

std::vector<DynamicSetting> of_brokers() {
  std::vector<DynamicSetting> out = {
      {"background.threads", SettingType::kInt, "", kNothing},
      {"follower.replication.throttled.rate", SettingType::kLong, "", kNothing},
      {"leader.replication.throttled.rate", SettingType::kLong, "", kNothing},
      {"log.cleaner.threads", SettingType::kInt, "", kNothing},
      {"num.io.threads", SettingType::kInt, "", kNothing},
      {"num.recovery.threads.per.data.dir", SettingType::kInt, "", kNothing},
      {"num.replica.fetchers", SettingType::kInt, "", kNothing},
      {"replica.alter.log.dirs.io.max.bytes.per.second", SettingType::kLong, "", kNothing},
      {"sasl.kerberos.kinit.cmd", SettingType::kString, "", kNothing},
      {"sasl.kerberos.min.time.before.relogin", SettingType::kLong, "", kNothing},
      {"sasl.kerberos.service.name", SettingType::kString, "", kNothing},
  };
  const auto add = [&](const std::string& name, const std::string& topic_setting) {
    const auto& setting = log::topic_settings()[log::find_setting(topic_setting, kFunction)];
    out.push_back({name, setting.type, topic_setting, "The default of a setting of topics."});
  };
  add(kMessageBytes, "max.message.bytes");
  for (const auto& [name, topic_setting] : BrokerConfig::topic_names()) add(name, topic_setting);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

int64_t whole_number(const std::string& name, const std::string& value, int64_t least) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || number < least)
    throw ArgumentError(message(kFunction, ": expected ", name,
                                " to be a whole number of at least ", least, ", got \"", value,
                                "\""));
  return number;
}

/// Of a group: within the bounds that the broker was started with, and a heartbeat in time.
void check_group(const SettingValues& values, const BrokerConfig& config) {
  const auto bounded = [&](const char* name, int64_t standard, int64_t least, int64_t most) {
    const auto found = values.find(name);
    if (found == values.end()) return standard;
    const int64_t number = whole_number(name, found->second, least);
    if (number > most)
      throw ArgumentError(message(kFunction, ": expected ", name, " to be from ", least, " to ",
                                  most, ", got ", number));
    return number;
  };
  const int64_t session_ms = bounded(kSession, config.group_consumer_session_timeout_ms,
                                     config.group_consumer_min_session_timeout_ms,
                                     config.group_consumer_max_session_timeout_ms);
  const int64_t heartbeat_ms = bounded(kHeartbeat, config.group_consumer_heartbeat_interval_ms,
                                       config.group_consumer_min_heartbeat_interval_ms,
                                       config.group_consumer_max_heartbeat_interval_ms);
  if (!values.empty() && session_ms <= heartbeat_ms)
    throw ArgumentError(message(kFunction, ": expected ", kSession, " to be longer than ",
                                kHeartbeat, ", got ", session_ms, " and ", heartbeat_ms));
}

}  // namespace

const std::vector<DynamicSetting>& dynamic_settings(ResourceType type) {
  static const std::vector<DynamicSetting> brokers = of_brokers();
  static const std::vector<DynamicSetting> groups = {
      {kHeartbeat, SettingType::kInt, "", "How often members of the new protocol tell of them."},
      {kSession, SettingType::kInt, "", "Who of the new protocol tells nothing so long is out."},
  };
  static const std::vector<DynamicSetting> none;
  return type == ResourceType::kBroker ? brokers : type == ResourceType::kGroup ? groups : none;
}

const DynamicSetting* find_dynamic_setting(ResourceType type, std::string_view name) {
  const auto& all = dynamic_settings(type);
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string broker_name_of(std::string_view topic_setting) {
  for (const auto& [name, each] : BrokerConfig::topic_names())
    if (each == topic_setting) return name;
  return topic_setting == "max.message.bytes" ? kMessageBytes : "";
}

void check_values(ResourceType type, const SettingValues& values, const BrokerConfig& config) {
  if (type == ResourceType::kGroup) return check_group(values, config);
  log::TopicConfig defaults;
  for (const auto& [name, value] : values) {
    const DynamicSetting* setting = find_dynamic_setting(type, name);
    if (setting == nullptr) continue;
    if (!setting->topic_setting.empty())
      log::set_setting(defaults, setting->topic_setting, value, kFunction);
    else if (setting->type != SettingType::kString)
      static_cast<void>(whole_number(name, value, 0));
  }
}

DynamicSettings::DynamicSettings(const std::string& directory)
    : file_(directory + "/broker.settings") {
  for (const JsonValue& value : load_security_file(file_)) {
    const JsonValue* type = value.find("type");
    const JsonValue* resource = value.find("resource");
    const JsonValue* values = value.find("values");
    if (type == nullptr || type->integer() == nullptr || resource == nullptr ||
        resource->text() == nullptr || values == nullptr || values->object() == nullptr)
      throw CorruptionError(message("broker: ", file_, " holds settings of nothing"));
    SettingValues& into = all_[{static_cast<ResourceType>(*type->integer()), *resource->text()}];
    for (const auto& [name, each] : *values->object())
      if (each.text() != nullptr) into[name] = *each.text();
  }
}

SettingValues DynamicSettings::of(ResourceType type, std::string_view resource) const {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find({type, std::string(resource)});
  return found == all_.end() ? SettingValues() : found->second;
}

std::optional<std::string> DynamicSettings::find(ResourceType type, std::string_view resource,
                                                 std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto values = all_.find({type, std::string(resource)});
  if (values == all_.end()) return std::nullopt;
  const auto found = values->second.find(name);
  return found == values->second.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::string> DynamicSettings::resources(ResourceType type) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [key, values] : all_)
    if (key.first == type) out.push_back(key.second);
  return out;
}

void DynamicSettings::change(ResourceType type, const std::string& resource,
                             const std::function<void(SettingValues& values)>& edit) {
  const std::lock_guard one(change_);
  All next = [&] {
    const std::lock_guard lock(mutex_);
    return all_;
  }();
  SettingValues& values = next[{type, resource}];
  edit(values);
  if (values.empty()) next.erase({type, resource});
  std::vector<JsonValue> lines;
  for (const auto& [key, each] : next) {
    JsonValue::Object members;
    for (const auto& [name, value] : each) members.emplace_back(name, JsonValue(value));
    JsonValue line;
    line.add("type", int64_t{static_cast<int8_t>(key.first)});
    line.add("resource", key.second);
    line.add("values", std::move(members));
    lines.push_back(std::move(line));
  }
  save_security_file(file_, lines);
  const std::lock_guard lock(mutex_);
  all_ = std::move(next);
}

}  // namespace cne::kafka
