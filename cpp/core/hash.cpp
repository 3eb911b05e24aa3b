#include "core/hash.h"

namespace cne {

uint32_t murmur2(const void* data, size_t size) {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const auto* p = static_cast<const uint8_t*>(data);
  uint32_t h = kSeed ^ static_cast<uint32_t>(size);
  size_t left = size;
  for (; left >= 4; left -= 4, p += 4) {
    uint32_t k = static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
                 static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
    k *= kMultiplier;
    k ^= k >> 24;
    k *= kMultiplier;
    h = (h * kMultiplier) ^ k;
  }
  if (left >= 3) h ^= static_cast<uint32_t>(p[2]) << 16;
  if (left >= 2) h ^= static_cast<uint32_t>(p[1]) << 8;
  if (left >= 1) h = (h ^ p[0]) * kMultiplier;
  h = (h ^ (h >> 13)) * kMultiplier;
  return h ^ (h >> 15);
}

}  // namespace cne
