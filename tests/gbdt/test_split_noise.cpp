#include <doctest/doctest.h>

#include <cmath>

#include "gbdt/split_noise.h"

using cne::gbdt::SplitNoise;

TEST_CASE("noise is about normal and depends on key and index alone") {
  const SplitNoise noise{0.5};
  double sum = 0;
  double squares = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double z = (noise.rank(9, 16, 7, i) - 5) / 0.5;  // sqrt(9 + 16) = 5
    CHECK(std::abs(z) < 3.47);
    sum += z;
    squares += z * z;
  }
  // Standard errors of mean and variance: 0.0032 and 0.0045.
  CHECK(std::abs(sum / kDraws) < 0.013);
  CHECK(std::abs(squares / kDraws - 1) < 0.018);
  CHECK(noise.rank(9, 16, 7, 3) == noise.rank(9, 16, 7, 3));
  CHECK(noise.rank(9, 16, 7, 3) != noise.rank(9, 16, 8, 3));
}

TEST_CASE("without noise a cut is compared by its gain") {
  CHECK(SplitNoise{}.rank(9, 16, 7, 3) == 16);
  CHECK(SplitNoise{1.0}.rank(9, -16, 7, 3) == -16);
}
