#include <doctest/doctest.h>

#include <cstdint>
#include <string_view>

#include "core/hash.h"

using namespace cne;

namespace {
int32_t signed_murmur2(std::string_view text) {
  return static_cast<int32_t>(murmur2(text.data(), text.size()));
}
}  // namespace

TEST_CASE("murmur2: the vectors of Kafka's UtilsTest") {
  CHECK(signed_murmur2("21") == -973932308);
  CHECK(signed_murmur2("foobar") == -790332482);
  CHECK(signed_murmur2("a-little-bit-long-string") == -985981536);
  CHECK(signed_murmur2("a-little-bit-longer-string") == -1486304829);
  CHECK(signed_murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
  CHECK(signed_murmur2("abc") == 479470107);
}

TEST_CASE("hash_bytes: stable, and every byte counts") {
  CHECK(hash_bytes("", 0) == hash_bytes("x", 0));
  char bytes[40] = {};
  const uint64_t zero = hash_bytes(bytes, sizeof bytes);
  for (size_t i = 0; i < sizeof bytes; ++i) {
    bytes[i] = 1;
    CHECK(hash_bytes(bytes, sizeof bytes) != zero);
    bytes[i] = 0;
  }
}
