#include "log/topic_config.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <random>
#include <string_view>

#include "core/error.h"
#include "log/checked_text.h"

namespace cne::log {

namespace {

constexpr std::string_view kFirstLine = "cnengine topic 2\n";
constexpr std::string_view kOldFirstLine = "cnengine topic 1\n";
constexpr size_t kMaxNameSize = 249;

/// What the numbers of the old format are called now.
struct OldName {
  std::string_view old;
  std::string_view name;
};
constexpr OldName kOldNames[] = {{"segment_bytes", "segment.bytes"},
                                 {"retention_ms", "retention.ms"},
                                 {"retention_bytes", "retention.bytes"}};

bool parse_id(std::string_view text, TopicId& id) {
  if (text.size() != 2 * id.size()) return false;
  for (size_t i = 0; i < id.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto parsed = std::from_chars(at, at + 2, id[i], 16);
    if (parsed.ec != std::errc() || parsed.ptr != at + 2) return false;
  }
  return true;
}

/// Throws ArgumentError for a setting that is not one.
bool parse_lines(std::string_view lines, bool old, TopicConfig& config) {
  size_t found = 0;
  while (!lines.empty()) {
    const size_t line_end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, line_end);
    lines.remove_prefix(std::min(line_end + 1, lines.size()));
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) return false;
    std::string_view name = line.substr(0, equals);
    const std::string_view value = line.substr(equals + 1);
    ++found;
    if (name == "partitions") {
      const char* const end = value.data() + value.size();
      const auto parsed = std::from_chars(value.data(), end, config.partitions);
      if (parsed.ec != std::errc() || parsed.ptr != end) return false;
      continue;
    }
    if (!old && name == "id") {
      if (!parse_id(value, config.id)) return false;
      continue;
    }
    if (old)
      for (const OldName& each : kOldNames)
        if (name == each.old) name = each.name;
    set_setting(config, name, value, "open");
  }
  return !old || found == 1 + std::size(kOldNames);
}

}  // namespace

void check_topic_name(const std::string& name, const char* function) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (!name.empty() && name.size() <= kMaxNameSize && name != "." && name != ".." &&
      std::all_of(name.begin(), name.end(), is_allowed))
    return;
  throw ArgumentError(message(function, ": bad topic name \"", name,
                              "\", expected 1 to 249 of the characters a-z A-Z 0-9 . _ -, and ",
                              "neither \".\" nor \"..\""));
}

TopicId random_topic_id() {
  std::random_device device;
  TopicId out;
  for (size_t i = 0; i < out.size(); i += 4) {
    const uint32_t word = device();
    std::memcpy(out.data() + i, &word, 4);
  }
  out[6] = static_cast<uint8_t>((out[6] & 0x0f) | 0x40);  // version 4
  out[8] = static_cast<uint8_t>((out[8] & 0x3f) | 0x80);  // variant 1
  return out;
}

std::string format_topic_id(const TopicId& id) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : id) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

std::string format_config(const TopicConfig& config) {
  std::string out(kFirstLine);
  out += message("partitions=", config.partitions, "\nid=", format_topic_id(config.id), "\n");
  const auto& settings = topic_settings();
  for (size_t i = 0; i < settings.size(); ++i)
    if (config.set.test(i))
      out += message(settings[i].name, "=", get_setting(config, settings[i].name, "create_topic"),
                     "\n");
  return out + checksum_line(out);
}

TopicConfig parse_config(const std::string& file_text, const std::string& file) {
  const std::string_view text = checked_lines(file_text);
  TopicConfig out;
  out.partitions = 0;
  bool good = false;
  try {
    if (text.starts_with(kFirstLine))
      good = parse_lines(text.substr(kFirstLine.size()), false, out);
    else if (text.starts_with(kOldFirstLine))
      good = parse_lines(text.substr(kOldFirstLine.size()), true, out);
    if (good) check_config(out, "open");
  } catch (const ArgumentError&) {
    good = false;
  }
  if (!good)
    throw CorruptionError(
        message("open: \"", file, "\" is not the description of a topic, or is damaged"));
  return out;
}

}  // namespace cne::log
