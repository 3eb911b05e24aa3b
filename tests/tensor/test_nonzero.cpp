// Places of elements that are not zero against a loop.

#include <doctest/doctest.h>

#include "layouts.h"
#include "tensor/nonzero.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_nonzero(const Array& array) {
  const auto out = nonzero(array);
  REQUIRE(out.size() == static_cast<size_t>(array.rank()));
  const Array truth = cast(array, Element::kBool);
  int64_t count = 0;
  bool same = true;
  each_index(array.shape(), [&](const Dims& index) {
    if (*at(truth, index) == 0) return;
    for (int axis = 0; axis < array.rank(); ++axis) {
      const Array& places = out[static_cast<size_t>(axis)];
      REQUIRE(count < places.size());
      same &= value_at<int64_t>(places, {count}) == index[axis];
    }
    ++count;
  });
  for (const Array& places : out) same &= places.size() == count;
  CHECK(same);
}

}  // namespace

TEST_CASE("nonzero: every type and layout") {
  for (const Element element : all_elements()) {
    for (const Array& array : layouts(element, {3, 5, 7}, 1, 0, 2)) check_nonzero(array);
    check_nonzero(sample(element, {40}, 1, 0, 1));
    check_nonzero(sample(element, {3, 0}));
    check_nonzero(sample(element, {}));
  }
  check_nonzero(sample(Element::kInt32, {70, 1001}, 1, -1, 0));
  check_nonzero(sample(Element::kInt8, {100'000, 1}, 1, 0, 50));
  check_nonzero(Array::zeros({Element::kFloat64, {50'000}, {}}));
}
