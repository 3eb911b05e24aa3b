#include "log/checked_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/crc32c.h"
#include "core/error.h"

namespace cne::log {

namespace {
constexpr std::string_view kLastLine = "crc32c=";
}

std::string checksum_line(std::string_view lines) {
  std::array<char, 9> digits{};
  const uint32_t crc = crc32c(lines.data(), lines.size());
  std::snprintf(digits.data(), digits.size(), "%08x", static_cast<unsigned>(crc));
  return message(kLastLine, digits.data(), "\n");
}

std::string_view checked_lines(std::string_view text) {
  const size_t at = std::min(text.rfind(kLastLine), text.size());
  return text.substr(at) == checksum_line(text.substr(0, at)) ? text.substr(0, at) : "";
}

}  // namespace cne::log
