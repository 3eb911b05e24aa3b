#pragma once

#include <cstdint>
#include <string_view>

namespace cne::gbdt {

/// CatBoost's hash of a category of 1 to 8 letters: the low half of CityHash64 1.0 (Pike and
/// Alakuijala 2011) for so few bytes.
inline uint32_t category_hash(std::string_view text) {
  constexpr uint64_t kMix = 0x9ddfea08eb382d69ULL;
  constexpr uint64_t kA = 0x9ae16a3b2f90404fULL;
  constexpr uint64_t kB = 0xc949d7c7509e6557ULL;
  const size_t n = text.size();
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<uint8_t>(text[i])); };
  const auto word = [&](size_t first) {
    return byte(first) | byte(first + 1) << 8 | byte(first + 2) << 16 | byte(first + 3) << 24;
  };
  if (n < 4) {
    const uint64_t y = byte(0) + (byte(n >> 1) << 8);
    const uint64_t z = n + (byte(n - 1) << 2);
    const uint64_t both = (y * kA) ^ (z * kB);
    return static_cast<uint32_t>((both ^ (both >> 47)) * kA);
  }
  const uint64_t u = n + (word(0) << 3);
  const uint64_t v = word(n - 4);
  uint64_t a = (u ^ v) * kMix;
  a ^= a >> 47;
  uint64_t b = (v ^ a) * kMix;
  b ^= b >> 47;
  return static_cast<uint32_t>(b * kMix);
}

}  // namespace cne::gbdt
