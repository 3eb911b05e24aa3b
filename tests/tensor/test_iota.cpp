// Numbers from 0 on, of every type along every axis.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/iota.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

TEST_CASE("iota: every type but bool along each axis") {
  for (const Element element : all_elements()) {
    if (element == Element::kBool) continue;
    for (const Dims& shape : {Dims{5}, Dims{2, 3, 4}, Dims{0, 3}, Dims{3, 0}})
      for (int axis = 0; axis < shape.size(); ++axis) {
        const Array out = iota({element, shape, {}}, axis - shape.size());
        REQUIRE(out.type() == Type{element, shape, {}});
        const Array numbers = cast(out, Element::kInt64);
        each_index(shape, [&](const Dims& index) {
          CHECK(value_at<int64_t>(numbers, index) == index[axis]);
        });
      }
  }
}

TEST_CASE("iota: wrong use") {
  CHECK_THROWS_AS(iota({Element::kBool, {2}, {}}, 0), cne::TypeError);
  CHECK_THROWS_AS(iota({Element::kInt32, {2}, {}}, 1), cne::ArgumentError);
  CHECK_THROWS_AS(iota({Element::kInt32, {}, {}}, 0), cne::ArgumentError);
  CHECK_THROWS_AS(iota({Element::kInt32, {-1}, {}}, 0), cne::ShapeError);
}
