#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "core/crc32c.h"

using namespace cne;

TEST_CASE("crc32c: the vectors of RFC 3720 B.4") {
  CHECK(crc32c("", 0) == 0);
  CHECK(crc32c("123456789", 9) == 0xe3069283);
  std::vector<uint8_t> bytes(32, 0);
  CHECK(crc32c(bytes.data(), 32) == 0x8a9136aa);
  bytes.assign(32, 0xff);
  CHECK(crc32c(bytes.data(), 32) == 0x62a8ab43);
  for (size_t i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(i);
  CHECK(crc32c(bytes.data(), 32) == 0x46dd794e);
  for (size_t i = 0; i < 32; ++i) bytes[i] = static_cast<uint8_t>(31 - i);
  CHECK(crc32c(bytes.data(), 32) == 0x113fdb5c);
}

TEST_CASE("crc32c: instruction, tables, and any cut agree") {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes(20'000);
  for (uint8_t& b : bytes) b = static_cast<uint8_t>(random());
  for (const size_t size : {0, 1, 7, 8, 63, 1024, 3071, 3072, 3073, 9216, 19'990}) {
    for (const size_t start : {0, 1, 5}) {
      const uint32_t whole = crc32c(bytes.data() + start, size);
      CHECK(whole == crc32c_portable(bytes.data() + start, size));
      const size_t cut = size / 3;
      const uint32_t head = crc32c(bytes.data() + start, cut);
      CHECK(whole == crc32c(bytes.data() + start + cut, size - cut, head));
    }
  }
}
