// exp, log, erfc and log gamma against the C library's in long double (64 bits of mantissa where
// the processor has them; where it has 53, the bounds leave room for its own errors).

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "gbdt/objective_math.h"

using namespace cne::gbdt;

namespace {

/// The distance in units in the last place of the larger of |want| and `least`.
double ulps(double got, long double want, double least = 0) {
  const double size = std::max(std::fabs(static_cast<double>(want)), least);
  const double unit = std::nextafter(size, std::numeric_limits<double>::infinity()) - size;
  return static_cast<double>(std::fabs(got - want) / unit);
}

}  // namespace

TEST_CASE("erfc is within 5 units in the last place") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> all(-7.0, 26.15);
  std::uniform_real_distribution<double> middle(-1.0, 3.0);
  double most = 0;
  for (int i = 0; i < 300000; ++i)
    for (const double x : {all(random), middle(random)})
      most = std::max(most, ulps(erfc_exact(x), erfcl(static_cast<long double>(x))));
  CHECK(most <= 5.0);
  CHECK(most > 0.4);  // or nothing was compared
  CHECK(erfc_exact(0.0) == 1.0);
  CHECK(erfc_exact(-30.0) == 2.0);
  CHECK(erfc_exact(30.0) == 0.0);
  CHECK(erfc_exact(std::numeric_limits<double>::infinity()) == 0.0);
  CHECK(erfc_exact(-std::numeric_limits<double>::infinity()) == 2.0);
  for (double x = -8; x < 26; x += 1e-3) REQUIRE(erfc_exact(x) >= erfc_exact(x + 1e-3));
}

TEST_CASE("log gamma is within 4 units in the last place of itself or of 1/2") {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> near(1e-3, 12.0);
  std::uniform_real_distribution<double> power(-300.0, 300.0);
  double most = 0;
  for (int i = 0; i < 300000; ++i)
    for (const double x : {near(random), std::pow(10.0, power(random))})
      most = std::max(most, ulps(lgamma_exact(x), lgammal(static_cast<long double>(x)), 0.5));
  CHECK(most <= 4.0);
  CHECK(most > 0.4);
  CHECK(lgamma_exact(1.0) == 0.0);
  CHECK(lgamma_exact(2.0) == 0.0);
  // The digits near the zeros are kept, too.
  for (const double x : {1 + 1e-9, 1 - 1e-9, 2 + 1e-9, 2 - 1e-9, 1 + 0x1p-52, 2 + 0x1p-51})
    CHECK(ulps(lgamma_exact(x), lgammal(static_cast<long double>(x))) <= 8);
}

TEST_CASE("exp is within 2 units in the last place, log within 3") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> exponent(-700.0, 700.0);
  double most_exp = 0;
  double most_log = 0;
  for (int i = 0; i < 300000; ++i) {
    const double x = exponent(random);
    most_exp = std::max(most_exp, ulps(exp_exact(x), expl(static_cast<long double>(x))));
    const double y = std::exp(x / 100);
    most_log = std::max(most_log, ulps(log_exact(y), logl(static_cast<long double>(y))));
  }
  CHECK(most_exp <= 2.0);
  CHECK(most_log <= 3.0);
}
