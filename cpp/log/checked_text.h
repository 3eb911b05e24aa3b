#pragma once

#include <string>
#include <string_view>

namespace cne::log {

/// The last line of a small text file: "crc32c=" and eight hexadecimal digits for the lines before.
std::string checksum_line(std::string_view lines);
/// The lines before that line; nothing unless it is there and right.
std::string_view checked_lines(std::string_view text);

}  // namespace cne::log
