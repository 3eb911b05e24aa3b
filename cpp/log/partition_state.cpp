#include "log/partition_state.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/error.h"
#include "core/file.h"
#include "log/checked_text.h"

namespace cne::log {

namespace {

constexpr std::string_view kFirstLine = "cnengine partition 1\n";

/// Reads a number at the beginning of `text` and takes it away; false when there is none.
bool take_number(std::string_view& text, int64_t& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || value < 0) return false;
  text.remove_prefix(static_cast<size_t>(parsed.ptr - text.data()));
  return true;
}

/// Takes the range away too.
bool take_range(std::string_view& text, CleanedRange& range) {
  if (!take_number(text, range.begin) || !text.starts_with(':')) return false;
  text.remove_prefix(1);
  return take_number(text, range.end) && range.begin < range.end;
}

bool parse(std::string_view lines, PartitionState& state) {
  if (!lines.starts_with(kFirstLine)) return false;
  lines.remove_prefix(kFirstLine.size());
  while (!lines.empty()) {
    const size_t line_end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, line_end);
    lines.remove_prefix(std::min(line_end + 1, lines.size()));
    const size_t equals = std::min(line.find('='), line.size());
    const std::string_view name = line.substr(0, equals);
    line.remove_prefix(std::min(equals + 1, line.size()));
    CleanedRange range;
    if (name == "start_offset") {
      if (!take_number(line, state.start_offset) || !line.empty()) return false;
    } else if (!take_range(line, range)) {
      return false;
    } else if (name == "cleaned" && line.empty()) {
      if (!state.cleaned.empty() && range.begin < state.cleaned.back().end) return false;
      state.cleaned.push_back(range);
    } else if (name == "swap" && line.starts_with(':')) {
      line.remove_prefix(1);
      state.swap = range;
      if (!take_number(line, state.swap_bytes) || !line.empty()) return false;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

const CleanedRange* PartitionState::find_cleaned(int64_t begin) const {
  const auto found =
      std::lower_bound(cleaned.begin(), cleaned.end(), begin,
                       [](const CleanedRange& range, int64_t at) { return range.begin < at; });
  return found != cleaned.end() && found->begin == begin ? &*found : nullptr;
}

std::string PartitionState::path_in(const std::string& directory) {
  return directory + "/partition.state";
}

void PartitionState::save(const std::string& directory) const {
  std::string out(kFirstLine);
  out += message("start_offset=", start_offset, "\n");
  for (const CleanedRange& range : cleaned)
    out += message("cleaned=", range.begin, ":", range.end, "\n");
  if (swap) out += message("swap=", swap->begin, ":", swap->end, ":", swap_bytes, "\n");
  write_file_atomic(path_in(directory), out + checksum_line(out));
}

PartitionState PartitionState::load(const std::string& directory) {
  const std::string path = path_in(directory);
  PartitionState out;
  if (!file_exists(path)) return out;
  const std::string text = read_file(path);
  if (!parse(checked_lines(text), out))
    throw CorruptionError(
        message("open: \"", path, "\" is not the state of a partition, or is damaged"));
  return out;
}

}  // namespace cne::log
