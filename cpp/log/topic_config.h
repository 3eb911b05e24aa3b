#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "log/options.h"

namespace cne::log {

/// What a setting takes, by the names that Kafka's DescribeConfigs has for it.
enum class SettingType : uint8_t { kBoolean, kString, kInt, kLong, kDouble, kList };

struct TopicSetting {
  std::string_view name;  // "retention.ms"
  SettingType type;
  std::string_view expected;  // what may follow "expected "
  std::string_view description;
};

/// All settings of topics, by name.
const std::vector<TopicSetting>& topic_settings();
/// Its place in topic_settings(); throws ArgumentError naming `function`, with the nearest name,
/// when there is none.
size_t find_setting(std::string_view name, const char* function);
/// The value in Kafka's writing.
std::string get_setting(const TopicConfig& config, std::string_view name, const char* function);
/// Gives a setting. Throws ArgumentError naming `function` for an unknown name or a bad value.
void set_setting(TopicConfig& config, std::string_view name, std::string_view value,
                 const char* function);
/// Makes it follow the defaults again; the value changes with the next apply_defaults.
void unset_setting(TopicConfig& config, std::string_view name, const char* function);
bool is_set(const TopicConfig& config, std::string_view name, const char* function);
/// Settings that differ from those of `from` count as set.
void note_changes(TopicConfig& config, const TopicConfig& from);
/// Settings that are not set become those of `defaults`.
void apply_defaults(TopicConfig& config, const TopicConfig& defaults);
/// The settings of a topic of Kafka's that was created without any.
TopicConfig kafka_defaults();

/// Throws ArgumentError naming `function` when the name is not a topic's, as Kafka's rules have it.
void check_topic_name(const std::string& name, const char* function);
/// Throws ArgumentError naming `function` when a number is out of range.
void check_config(const TopicConfig& config, const char* function);

/// A new one of a version 4 UUID, never one of those that the protocol reserves.
TopicId random_topic_id();
/// 32 hexadecimal digits.
std::string format_topic_id(const TopicId& id);

/// The text of `topic.config`: the line "cnengine topic 2", name=value lines for the partitions,
/// the id and the settings that are set, then "crc32c=" and eight hexadecimal digits for the lines
/// before.
std::string format_config(const TopicConfig& config);
/// Reads that, and "cnengine topic 1", which had four numbers and no id (it is then zero). Throws
/// CorruptionError that names `file`.
TopicConfig parse_config(const std::string& file_text, const std::string& file);

}  // namespace cne::log
