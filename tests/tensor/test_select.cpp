// A choice between two arrays against loops over single elements.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/select.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_where(const Array& condition, const Array& a, const Array& b, const Dims& shape) {
  const Array out = where(condition, a, b);
  REQUIRE(out.shape() == shape);
  const Array conditions = broadcast_to(condition, shape);
  const Array yes = broadcast_to(a, shape);
  const Array no = broadcast_to(b, shape);
  CHECK(has_elements(
      out, [&](const Dims& index) { return at(*at(conditions, index) != 0 ? yes : no, index); }));
}

}  // namespace

TEST_CASE("where: every type and layout, broadcast") {
  for (const Element element : all_elements())
    for (size_t layout = 0; layout < 4; ++layout) {
      const auto pick = [&](Element type, const Dims& shape, uint64_t seed) {
        return layouts(type, shape, seed, 0, 1)[layout];
      };
      const Dims shape = {3, 5, 41};
      check_where(pick(Element::kBool, shape, 1), pick(element, shape, 2), pick(element, shape, 3),
                  shape);
      check_where(pick(Element::kBool, {5, 1}, 1), pick(element, {41}, 2),
                  pick(element, {3, 1, 1}, 3), shape);
      check_where(pick(Element::kBool, shape, 1), sample(element, {}), sample(element, {}, 2),
                  shape);
      check_where(pick(Element::kBool, {1, 0}, 1), pick(element, {4, 1}, 2), sample(element, {}),
                  {4, 0});
    }
  const Dims large = {70'001};
  check_where(sample(Element::kBool, large), sample(Element::kInt32, large, 2),
              sample(Element::kInt32, large, 3), large);
}

TEST_CASE("where: wrong use") {
  const Array truth = sample(Element::kBool, {2});
  const Array a = sample(Element::kInt32, {2});
  CHECK_THROWS_AS(where(a, a, a), cne::TypeError);
  CHECK_THROWS_AS(where(truth, a, truth), cne::TypeError);
  CHECK_THROWS_AS(where(truth, a, sample(Element::kInt32, {3})), cne::ShapeError);
}
