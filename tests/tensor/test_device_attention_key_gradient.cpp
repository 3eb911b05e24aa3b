#include <doctest/doctest.h>

#include "device_attention_cases.h"

using namespace cne;
using namespace cne::tensor;

TEST_CASE("a device's derivatives of attention by keys and values are the formula in float64") {
  std::mt19937 random(13);
  for (const AttentionCase& is : attention_cases()) {
    CAPTURE(is.queries);
    CAPTURE(is.keys);
    CAPTURE(is.depth);
    // Sums over the queries that see a key, up to 8 heads of them: some units.
    const AttentionErrors wide = attention_errors<float>(is, random);
    CHECK(wide.key < 3e-5);
    CHECK(wide.value < 3e-5);
    const AttentionErrors half = attention_errors<Half>(is, random);
    CHECK(half.key < 1.5e-2);
    CHECK(half.value < 1.5e-2);
    const AttentionErrors narrow = attention_errors<BFloat16>(is, random);
    CHECK(narrow.key < 1.2e-1);
    CHECK(narrow.value < 1.2e-1);
  }
}
