#include "log/topic_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <string_view>

#include "core/crc32c.h"
#include "core/error.h"

namespace cne::log {

namespace {

constexpr std::string_view kFirstLine = "cnengine topic 1\n";
constexpr std::string_view kLastLine = "crc32c=";
constexpr size_t kMaxNameSize = 249;
constexpr int32_t kMaxPartitions = 10'000;

struct Number {
  std::string_view name;
  int64_t least;
  int64_t most;
  int64_t value;
};

std::array<Number, 4> numbers_of(const TopicConfig& config) {
  constexpr int64_t kEver = std::numeric_limits<int64_t>::max();
  return {{{"partitions", 1, kMaxPartitions, config.partitions},
           {"segment_bytes", 1024, (int64_t{2} << 30) - 1, config.segment_bytes},
           {"retention_ms", -1, kEver, config.retention_ms},
           {"retention_bytes", -1, kEver, config.retention_bytes}}};
}

/// The last line, of the lines before it.
std::string checksum_line(std::string_view lines) {
  std::array<char, 9> digits{};
  const uint32_t crc = crc32c(lines.data(), lines.size());
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(crc));
  return message(kLastLine, digits.data(), "\n");
}

/// The lines before the checksum; nothing unless it is there and right.
std::string_view checked_lines(std::string_view text) {
  const size_t at = std::min(text.rfind(kLastLine), text.size());
  return text.substr(at) == checksum_line(text.substr(0, at)) ? text.substr(0, at) : "";
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

void check_config(const TopicConfig& config, const char* function) {
  for (const Number& number : numbers_of(config))
    if (number.value < number.least || number.value > number.most)
      throw ArgumentError(message(function, ": expected ", number.name, " from ", number.least,
                                  " to ", number.most, ", got ", number.value));
}

std::string format_config(const TopicConfig& config) {
  std::string out(kFirstLine);
  for (const Number& number : numbers_of(config))
    out += message(number.name, "=", number.value, "\n");
  return out + checksum_line(out);
}

TopicConfig parse_config(const std::string& file_text, const std::string& file) {
  const std::string_view text = checked_lines(file_text);
  std::array<Number, 4> numbers = numbers_of({});
  size_t found = 0;
  if (text.starts_with(kFirstLine)) {
    for (size_t at = kFirstLine.size(); at < text.size();) {
      const size_t line_end = std::min(text.find('\n', at), text.size());
      const std::string_view line = text.substr(at, line_end - at);
      at = line_end + 1;
      const size_t equals = std::min(line.find('='), line.size());
      for (Number& number : numbers) {
        if (line.substr(0, equals) != number.name || equals == line.size()) continue;
        const char* const end = line.data() + line.size();
        const auto parsed = std::from_chars(line.data() + equals + 1, end, number.value);
        if (parsed.ec == std::errc() && parsed.ptr == end && number.value >= number.least &&
            number.value <= number.most)
          ++found;
      }
    }
  }
  if (found != numbers.size())
    throw CorruptionError(
        message("open: \"", file, "\" is not the description of a topic, or is damaged"));
  TopicConfig out;
  out.partitions = static_cast<int32_t>(numbers[0].value);
  out.segment_bytes = numbers[1].value;
  out.retention_ms = numbers[2].value;
  out.retention_bytes = numbers[3].value;
  return out;
}

}  // namespace cne::log
