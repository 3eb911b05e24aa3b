#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "core/crc32c.h"
#include "core/crc32c_ranges.h"

TEST_CASE("crc32c_ranges: every part has the checksum of its bytes") {
  std::mt19937 random(3);
  for (const size_t size : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, size_t{200'000}}) {
    std::vector<uint8_t> bytes(size);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    const cne::Crc32cRanges ranges(bytes.data(), bytes.size());
    for (int i = 0; i < 300; ++i) {
      size_t begin = random() % (size + 1);
      size_t end = random() % (size + 1);
      if (begin > end) std::swap(begin, end);
      CHECK(ranges.of(begin, end) == cne::crc32c(bytes.data() + begin, end - begin));
    }
    CHECK(ranges.of(0, size) == cne::crc32c(bytes.data(), size));
  }
}
