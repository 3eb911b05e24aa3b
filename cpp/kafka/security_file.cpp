#include "kafka/security_file.h"

#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "log/checked_text.h"

namespace cne::kafka {

namespace {

constexpr char kFunction[] = "broker";
}  // namespace

std::vector<JsonValue> load_security_file(const std::string& path) {
  std::vector<JsonValue> out;
  if (!file_exists(path)) return out;
  const std::string text = read_file(path);
  std::string_view lines = log::checked_lines(text);
  if (lines.empty() && text != log::checksum_line(""))
    throw CorruptionError(message(kFunction, ": ", path, " is damaged: its checksum is wrong"));
  while (!lines.empty()) {
    const size_t end = lines.find('\n');
    if (end == std::string_view::npos)
      throw CorruptionError(message(kFunction, ": ", path, " ends within a line"));
    out.push_back(parse_json(lines.substr(0, end), kFunction));
    lines.remove_prefix(end + 1);
  }
  return out;
}

void save_security_file(const std::string& path, const std::vector<JsonValue>& values) {
  ByteBuffer text;
  for (const JsonValue& value : values) {
    const size_t begin = text.size();
    write_json(value, text);
    // What could not be read again would keep every broker from starting.
    static_cast<void>(parse_json(text.view().substr(begin), kFunction));
    text.push('\n');
  }
  text.append(log::checksum_line(text.view()));
  write_file_atomic(path, text.view(), FileReaders::kOwner);
}

}  // namespace cne::kafka
