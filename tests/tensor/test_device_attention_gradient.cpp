#include <doctest/doctest.h>

#include "core/error.h"
#include "device_attention_cases.h"

using namespace cne;
using namespace cne::tensor;

TEST_CASE("a device's derivative of attention by queries is the formula in float64") {
  std::mt19937 random(11);
  for (const AttentionCase& is : attention_cases()) {
    CAPTURE(is.queries);
    CAPTURE(is.keys);
    CAPTURE(is.depth);
    // Derivatives are about 1; weights and their derivatives have 22, 11 and 8 bits.
    CHECK(attention_errors<float>(is, random).query < 1e-5);
    CHECK(attention_errors<Half>(is, random).query < 4e-3);
    CHECK(attention_errors<BFloat16>(is, random).query < 4e-2);
  }
}

TEST_CASE("derivatives of attention on a device are told what does not fit") {
  AttentionGradientInputs wrong{};
  wrong.of.groups = 1;
  wrong.of.width = 300;
  CHECK_THROWS_AS(device_attention_gradient({}, Element::kFloat32, wrong, {}, {}, {}), ShapeError);
}
