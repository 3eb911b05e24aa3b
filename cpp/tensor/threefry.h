#pragma once

#include <cstdint>

#include "core/device.h"

namespace cne::tensor {

/// Two numbers of 32 bits: what Threefry-2x32 is keyed with, counts, and gives.
struct Words {
  uint32_t first;
  uint32_t second;
};

[[gnu::always_inline]] CNE_HD inline uint32_t rotated(uint32_t value, int by) {
  return (value << by) | (value >> (32 - by));
}

/// Four rounds of it.
[[gnu::always_inline]] CNE_HD inline void threefry_rounds(uint32_t& a, uint32_t& b, int r0, int r1,
                                                          int r2, int r3) {
  a += b;
  b = rotated(b, r0) ^ a;
  a += b;
  b = rotated(b, r1) ^ a;
  a += b;
  b = rotated(b, r2) ^ a;
  a += b;
  b = rotated(b, r3) ^ a;
}

/// Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy
/// as 1, 2, 3, SC 2011): a permutation of 64 bits by a key of 64 bits.
[[gnu::always_inline]] CNE_HD inline Words threefry(Words key, Words count) {
  const uint32_t third = key.first ^ key.second ^ 0x1bd11bda;
  uint32_t a = count.first + key.first;
  uint32_t b = count.second + key.second;
  threefry_rounds(a, b, 13, 15, 26, 6);
  a += key.second;
  b += third + 1;
  threefry_rounds(a, b, 17, 29, 16, 24);
  a += third;
  b += key.first + 2;
  threefry_rounds(a, b, 13, 15, 26, 6);
  a += key.first;
  b += key.second + 3;
  threefry_rounds(a, b, 17, 29, 16, 24);
  a += key.second;
  b += third + 4;
  threefry_rounds(a, b, 13, 15, 26, 6);
  a += third;
  b += key.first + 5;
  return {a, b};
}

}  // namespace cne::tensor
