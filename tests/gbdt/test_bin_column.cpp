#include <doctest/doctest.h>

#include <random>

#include "gbdt/bin_column.h"

using namespace cne::gbdt;

// A list reads as the bytes that it stands for, whichever of its ways is shorter.
TEST_CASE("bin_column: a list reads as bytes") {
  std::mt19937 rng(4);
  for (int round = 0; round < 400; ++round) {
    const int rows = 1 + static_cast<int>(rng() % 3000);
    const int one_in = 1 + static_cast<int>(rng() % (round % 2 ? 4 : 400));
    const auto common = static_cast<uint8_t>(rng() % 5);
    std::vector<uint8_t> bytes(static_cast<size_t>(rows), common);
    for (uint8_t& bin : bytes)
      if (rng() % one_in == 0) bin = static_cast<uint8_t>(rng() % 256);
    ListedBins list;
    const int cut = static_cast<int>(rng() % rows);
    list.add(bytes.data(), cut, 0, common);
    list.add(bytes.data() + cut, rows - cut, cut, common);
    const BinColumn listed = list.view(common);
    const BinColumn plain{bytes.data()};
    REQUIRE(listed.is_listed());
    REQUIRE(!plain.is_listed());

    std::vector<int32_t> chosen;
    const int step = 1 + static_cast<int>(rng() % (round % 3 ? 3 : 300));
    for (int i = 0; i < rows; ++i)
      if (rng() % step == 0) chosen.push_back(i);
    const auto first = static_cast<int64_t>(rng() % rows);
    const auto count = static_cast<int64_t>(rng() % (rows - first + 1));
    for (const BinColumn& column : {listed, plain}) {
      std::vector<uint8_t> got(chosen.size());
      column.gather(chosen.data(), std::ssize(chosen), got.data());
      for (size_t i = 0; i < chosen.size(); ++i) REQUIRE(got[i] == bytes[chosen[i]]);
      got.assign(static_cast<size_t>(count), 0);
      column.read(first, count, got.data());
      for (int64_t i = 0; i < count; ++i) REQUIRE(got[i] == bytes[first + i]);
    }
  }
}
