#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/broker_config.h"
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

/// A setting that can be changed while the broker runs.
struct DynamicSetting {
  std::string name;
  log::SettingType type;
  std::string topic_setting;  // whose default it is; empty: none
  const char* documentation;
};

/// Of brokers or of groups, by name; none of other types.
const std::vector<DynamicSetting>& dynamic_settings(ResourceType type);
/// Null when there is none.
const DynamicSetting* find_dynamic_setting(ResourceType type, std::string_view name);
/// Whose default the setting of a topic is; empty when it is no broker's.
std::string broker_name_of(std::string_view topic_setting);

using SettingValues = std::map<std::string, std::string, std::less<>>;

/// Throws ArgumentError when one of the values cannot be, by itself or beside the others.
void check_values(ResourceType type, const SettingValues& values, const BrokerConfig& config);

/// The settings of brokers and groups that were changed while a broker ran. Thread safe.
///
/// They are kept in `broker.settings` of the log's directory, a file as those of users and rules,
/// and go before what the broker is started with. The name of a broker is its number, or empty for
/// all of them; its own settings go before those of all.
class DynamicSettings {
 public:
  /// Throws CorruptionError, IoError.
  explicit DynamicSettings(const std::string& directory);

  SettingValues of(ResourceType type, std::string_view resource) const;
  std::optional<std::string> find(ResourceType type, std::string_view resource,
                                  std::string_view name) const;
  /// Which have any.
  std::vector<std::string> resources(ResourceType type) const;
  /// Lets `edit` change the values of a resource, one change at a time. Durable when it returns.
  /// Throws IoError or what `edit` throws, and then all is as it was.
  void change(ResourceType type, const std::string& resource,
              const std::function<void(SettingValues& values)>& edit);

 private:
  using Key = std::pair<ResourceType, std::string>;
  using All = std::map<Key, SettingValues>;

  const std::string file_;
  std::mutex change_;         // one change at a time
  mutable std::mutex mutex_;  // guards all_
  All all_;
};

}  // namespace cne::kafka
