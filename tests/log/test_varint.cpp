#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <limits>

#include "log/varint.h"

using namespace cne::log;

TEST_CASE("varint: every length round-trips, its size is as computed, cut ones are refused") {
  const auto check = [](int64_t value) {
    uint8_t bytes[kMaxVarintSize];
    const uint8_t* end = put_varint(bytes, value);
    CHECK(static_cast<size_t>(end - bytes) == varint_size(value));
    int64_t got = 0;
    CHECK(get_varint(bytes, end, &got) == end);
    CHECK(got == value);
    CHECK(get_varint(bytes, end - 1, &got) == nullptr);
  };
  for (int bit = 0; bit < 63; ++bit)
    for (const int64_t near : {-1, 0, 1}) {
      check((int64_t{1} << bit) + near);
      check(-(int64_t{1} << bit) + near);
    }
  check(std::numeric_limits<int64_t>::min());
  check(std::numeric_limits<int64_t>::max());
}

TEST_CASE("varint: more than 64 bits are refused") {
  const uint8_t wide[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02};
  const uint8_t endless[] = {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00};
  int64_t got = 0;
  CHECK(get_varint(wide, wide + sizeof wide, &got) == nullptr);
  CHECK(get_varint(endless, endless + sizeof endless, &got) == nullptr);
}
