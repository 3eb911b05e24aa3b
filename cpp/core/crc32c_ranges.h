#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cne {

/// The CRC-32C of any part of some bytes in constant time, after they were read once. Views the
/// bytes; holds 4 bytes for each 64 of them.
///
///   crc(a b) = crc(a) x^(8 |b|) + crc(b)  over polynomials modulo Castagnoli's, so that
///   the checksums of two beginnings give that of what lies between (zlib's crc32_combine)
class Crc32cRanges {
 public:
  Crc32cRanges(const uint8_t* data, size_t size);

  /// Of [begin, end), which lies within the bytes and is shorter than 4 GiB.
  uint32_t of(size_t begin, size_t end) const;

 private:
  uint32_t of_beginning(size_t size) const;

  const uint8_t* data_;
  std::vector<uint32_t> beginnings_;  // of 0, 64, 128, ... bytes
};

}  // namespace cne
