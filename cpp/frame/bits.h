#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/column.h"

namespace cne::frame {

inline size_t bitmap_bytes(int64_t n) { return static_cast<size_t>(n + 7) / 8; }

/// Bits [at, at + n) of a bitmap, n <= 64, in the low bits; the others are 0. Reads no byte that
/// holds none of them.
inline uint64_t load_bits(const uint8_t* bits, int64_t at, int64_t n) {
  const uint8_t* p = bits + (at >> 3);
  const int shift = static_cast<int>(at & 7);
  const auto bytes = static_cast<size_t>((shift + n + 7) / 8);
  uint64_t word = 0;
  std::memcpy(&word, p, std::min<size_t>(bytes, 8));
  word >>= shift;
  if (bytes > 8) word |= static_cast<uint64_t>(p[8]) << (64 - shift);
  return n == 64 ? word : word & ((uint64_t{1} << n) - 1);
}

/// Writes bits [at, at + n) where `at` is a multiple of 64, n <= 64, into a bitmap from
/// Buffer::allocate (padded to 64 bytes).
inline void store_bits(uint8_t* bits, int64_t at, uint64_t word) {
  std::memcpy(bits + (at >> 3), &word, 8);
}

/// Bit j is whether `test(at + j)` holds, for j in [0, n), n <= 64. `test` returns 0 or 1.
template <typename Test>
uint64_t pack_bits(int64_t at, int64_t n, const Test& test) {
  uint8_t bytes[64] = {};
  for (int64_t j = 0; j < n; ++j) bytes[j] = static_cast<uint8_t>(test(at + j));
  uint64_t word = 0;
  for (int k = 0; k < 8; ++k) {
    uint64_t eight;
    std::memcpy(&eight, bytes + k * 8, 8);
    word |= ((eight * 0x0102040810204080ULL) >> 56) << (k * 8);
  }
  return word;
}

/// A bitmap of n bits whose word of 64 from bit `at` is `make(at, count)`.
template <typename Make>
Buffer make_bitmap(int64_t n, const Make& make) {
  Buffer out = Buffer::allocate(bitmap_bytes(n));
  for (int64_t at = 0; at < n; at += 64)
    store_bits(out.mutable_data(), at, make(at, std::min<int64_t>(64, n - at)));
  return out;
}

/// The validity of a column as bits from position 0: shared when it already starts there.
inline Buffer validity_from_zero(const Column& column) {
  if (!column.may_have_nulls() || column.offset() == 0) return column.validity_buffer();
  if (column.offset() % 8 == 0)
    return column.validity_buffer().slice(static_cast<size_t>(column.offset() / 8),
                                          bitmap_bytes(column.length()));
  return make_bitmap(column.length(), [&](int64_t at, int64_t n) {
    return load_bits(column.validity_buffer().data(), column.offset() + at, n);
  });
}

/// 64 validity bits of a column from element `at`; all ones when it has no nulls.
inline uint64_t valid_bits(const Column& column, int64_t at, int64_t n) {
  if (!column.may_have_nulls()) return n == 64 ? ~uint64_t{0} : (uint64_t{1} << n) - 1;
  return load_bits(column.validity_buffer().data(), column.offset() + at, n);
}
/// 64 values of a bool column from element `at`.
inline uint64_t value_bits(const Column& column, int64_t at, int64_t n) {
  return load_bits(column.values_buffer().data(), column.offset() + at, n);
}

}  // namespace cne::frame
