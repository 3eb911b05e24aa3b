#include "core/crc32c.h"

#include <array>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#include <nmmintrin.h>
#define CNE_CRC32C_X86
#endif

namespace cne {

namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reversed 0x1edc6f41

/// tables[k][b]: the checksum of byte b followed by k zero bytes (Intel's "slicing by 8").
constexpr std::array<std::array<uint32_t, 256>, 8> make_tables() {
  std::array<std::array<uint32_t, 256>, 8> tables{};
  for (uint32_t b = 0; b < 256; ++b) {
    uint32_t crc = b;
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomial : 0);
    tables[0][b] = crc;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t b = 0; b < 256; ++b) {
      const uint32_t before = tables[k - 1][b];
      tables[k][b] = (before >> 8) ^ tables[0][before & 0xff];
    }
  return tables;
}

constexpr auto kTables = make_tables();

uint64_t load_little_endian(const uint8_t* p) {
  uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word |= static_cast<uint64_t>(p[i]) << (8 * i);
  return word;
}

uint32_t update_by_table(uint32_t crc, const uint8_t* p, size_t size) {
  for (; size >= 8; size -= 8, p += 8) {
    const uint64_t word = load_little_endian(p) ^ crc;
    crc = 0;
    for (int i = 0; i < 8; ++i)
      crc ^= kTables[static_cast<size_t>(7 - i)][(word >> (8 * i)) & 0xff];
  }
  for (; size > 0; --size, ++p) crc = (crc >> 8) ^ kTables[0][(crc ^ *p) & 0xff];
  return crc;
}

#ifdef CNE_CRC32C_X86

/// What `kLane` zero bytes do to a checksum, as four tables of one byte each, so that three lanes
/// can run beside each other (the instruction takes three cycles, but one can start each cycle).
constexpr size_t kLane = 1024;

constexpr std::array<std::array<uint32_t, 256>, 4> make_shift_tables() {
  // The image of each of the 32 bits under kLane zero bytes, by table steps of one byte.
  std::array<uint32_t, 32> image{};
  for (size_t bit = 0; bit < 32; ++bit) {
    uint32_t crc = 1u << bit;
    for (size_t i = 0; i < kLane; ++i) crc = (crc >> 8) ^ kTables[0][crc & 0xff];
    image[bit] = crc;
  }
  std::array<std::array<uint32_t, 256>, 4> tables{};
  for (size_t k = 0; k < 4; ++k)
    for (size_t b = 0; b < 256; ++b)
      for (size_t bit = 0; bit < 8; ++bit)
        if ((b >> bit) & 1) tables[k][b] ^= image[8 * k + bit];
  return tables;
}

constexpr auto kShift = make_shift_tables();

uint32_t shift_lane(uint32_t crc) {
  return kShift[0][crc & 0xff] ^ kShift[1][(crc >> 8) & 0xff] ^ kShift[2][(crc >> 16) & 0xff] ^
         kShift[3][crc >> 24];
}

uint64_t load_word(const uint8_t* p) {
  uint64_t word;
  std::memcpy(&word, p, 8);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t update_by_instruction(uint32_t crc, const uint8_t* p,
                                                                 size_t size) {
  for (; size >= 3 * kLane; size -= 3 * kLane, p += 3 * kLane) {
    uint64_t a = crc;
    uint64_t b = 0;
    uint64_t c = 0;
    for (size_t i = 0; i < kLane; i += 8) {
      a = _mm_crc32_u64(a, load_word(p + i));
      b = _mm_crc32_u64(b, load_word(p + kLane + i));
      c = _mm_crc32_u64(c, load_word(p + 2 * kLane + i));
    }
    const uint32_t ab = shift_lane(static_cast<uint32_t>(a)) ^ static_cast<uint32_t>(b);
    crc = shift_lane(ab) ^ static_cast<uint32_t>(c);
  }
  uint64_t wide = crc;
  for (; size >= 8; size -= 8, p += 8) wide = _mm_crc32_u64(wide, load_word(p));
  crc = static_cast<uint32_t>(wide);
  for (; size > 0; --size, ++p) crc = _mm_crc32_u8(crc, *p);
  return crc;
}

#endif

using Update = uint32_t (*)(uint32_t, const uint8_t*, size_t);

Update pick_update() {
#ifdef CNE_CRC32C_X86
  if (__builtin_cpu_supports("sse4.2")) return update_by_instruction;
#endif
  return update_by_table;
}

}  // namespace

uint32_t crc32c(const void* data, size_t size, uint32_t crc) {
  static const Update update = pick_update();
  return ~update(~crc, static_cast<const uint8_t*>(data), size);
}

uint32_t crc32c_portable(const void* data, size_t size, uint32_t crc) {
  return ~update_by_table(~crc, static_cast<const uint8_t*>(data), size);
}

}  // namespace cne
