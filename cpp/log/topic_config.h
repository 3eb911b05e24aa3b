#pragma once

#include <string>

#include "log/options.h"

namespace cne::log {

/// Throws ArgumentError naming `function` when the name is not a topic's, as Kafka's rules have it.
void check_topic_name(const std::string& name, const char* function);
/// Throws ArgumentError naming `function` when a number is out of range.
void check_config(const TopicConfig& config, const char* function);

/// The text of `topic.config`: the line "cnengine topic 1", name=value lines, then "crc32c=" and
/// eight hexadecimal digits for the lines before.
std::string format_config(const TopicConfig& config);
/// Throws CorruptionError that names `file`.
TopicConfig parse_config(const std::string& file_text, const std::string& file);

}  // namespace cne::log
