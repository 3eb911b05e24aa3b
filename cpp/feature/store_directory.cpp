#include "feature/store_directory.h"

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/file.h"

namespace cne::feature {

std::string numbered(const char* kind, uint64_t number) {
  const std::string digits = std::to_string(number);
  return message(kind, std::string(12 - std::min<size_t>(12, digits.size()), '0'), digits);
}

std::optional<uint64_t> number_of(std::string_view name, std::string_view kind) {
  if (!name.starts_with(kind)) return std::nullopt;
  name.remove_prefix(kind.size());
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), out);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return out;
}

uint64_t latest_generation(const std::string& directory) {
  uint64_t out = 0;
  for (const std::string& name : list_directory(directory))
    if (const auto number = number_of(name, "snapshot-")) out = std::max(out, *number);
  return out;
}

}  // namespace cne::feature
