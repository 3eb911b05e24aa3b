#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace cne::log {

// Kafka's varints: zigzag, then seven bits a byte, lowest first (Protocol Buffers' sint64). The
// 32-bit and the 64-bit kind of one number have the same bytes.

inline uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}

inline size_t varint_size(int64_t value) {
  return (static_cast<size_t>(std::bit_width(zigzag(value) | 1)) + 6) / 7;
}

constexpr size_t kMaxVarintSize = 10;

/// Writes at `to`, which has room for kMaxVarintSize; returns the end.
inline uint8_t* put_varint(uint8_t* to, int64_t value) {
  uint64_t left = zigzag(value);
  for (; left >= 0x80; left >>= 7) *to++ = static_cast<uint8_t>(left | 0x80);
  *to++ = static_cast<uint8_t>(left);
  return to;
}

/// Reads at `from`; returns where the next byte is, or null when the bytes end inside the number
/// or it has more than 64 bits.
inline const uint8_t* get_varint(const uint8_t* from, const uint8_t* end, int64_t* value) {
  uint64_t bits = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (from == end) return nullptr;
    const uint8_t byte = *from++;
    if (shift == 63 && byte > 1) return nullptr;
    bits |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *value = static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
      return from;
    }
  }
  return nullptr;
}

}  // namespace cne::log
