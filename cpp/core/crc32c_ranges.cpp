#include "core/crc32c_ranges.h"

#include <array>

#include "core/crc32c.h"

namespace cne {

namespace {

constexpr size_t kBlock = 64;
constexpr uint32_t kPolynomial = 0x82f63b78;  // reversed: bit 31 is that of x^0
constexpr uint32_t kOne = 1u << 31;

constexpr uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t out = 0;
  for (uint32_t bit = kOne; bit != 0; bit >>= 1) {
    if (a & bit) out ^= b;
    b = (b >> 1) ^ ((b & 1) ? kPolynomial : 0);
  }
  return out;
}

/// tables[k][n]: x^(8 n 256^k).
constexpr std::array<std::array<uint32_t, 256>, 4> make_powers() {
  std::array<std::array<uint32_t, 256>, 4> tables{};
  uint32_t step = kOne >> 8;
  for (auto& table : tables) {
    table[0] = kOne;
    for (size_t n = 1; n < 256; ++n) table[n] = multiply(table[n - 1], step);
    step = multiply(table[255], step);
  }
  return tables;
}

constexpr auto kPowers = make_powers();

/// What `size` bytes behind them do to the checksum of some bytes.
uint32_t shift(uint32_t crc, size_t size) {
  for (size_t k = 0; size != 0; ++k, size >>= 8)
    if (const size_t digit = size & 0xff; digit != 0) crc = multiply(kPowers[k][digit], crc);
  return crc;
}

}  // namespace

Crc32cRanges::Crc32cRanges(const uint8_t* data, size_t size) : data_(data) {
  beginnings_.reserve(size / kBlock + 1);
  beginnings_.push_back(0);
  for (size_t at = kBlock; at <= size; at += kBlock)
    beginnings_.push_back(crc32c(data + at - kBlock, kBlock, beginnings_.back()));
}

uint32_t Crc32cRanges::of_beginning(size_t size) const {
  const size_t whole = size / kBlock * kBlock;
  return crc32c(data_ + whole, size - whole, beginnings_[size / kBlock]);
}

uint32_t Crc32cRanges::of(size_t begin, size_t end) const {
  return of_beginning(end) ^ shift(of_beginning(begin), end - begin);
}

}  // namespace cne
