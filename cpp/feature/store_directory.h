#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cne::feature {

/// The name of a numbered file: "wal-" and 7 give "wal-000000000007".
std::string numbered(const char* kind, uint64_t number);
/// The number in such a name; none when it is of another kind.
std::optional<uint64_t> number_of(std::string_view name, std::string_view kind);
/// The greatest generation whose snapshot is in a directory; 0 when there is none.
uint64_t latest_generation(const std::string& directory);

}  // namespace cne::feature
