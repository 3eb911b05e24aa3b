#pragma once

#include <cstdint>

namespace cne::kafka {

/// What the protocol says of one API: its number, the versions that this broker speaks, the first
/// flexible one. A request struct has it as `kApi`, its response as `Response`.
struct Api {
  int16_t key;
  const char* name;
  int16_t first;
  int16_t last;
  int16_t flexible;  // kNeverFlexible: none

  constexpr bool has(int16_t version) const { return first <= version && version <= last; }
  constexpr bool is_flexible(int16_t version) const { return version >= flexible; }
};

constexpr int16_t kNeverFlexible = 32767;

}  // namespace cne::kafka
