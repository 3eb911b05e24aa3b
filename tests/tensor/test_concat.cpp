// Arrays one behind the other against loops over single elements.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/concat.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

TEST_CASE("concat: every type and layout along each axis") {
  for (const Element element : all_elements())
    for (int axis = 0; axis < 3; ++axis)
      for (size_t layout = 0; layout < 4; ++layout) {
        std::vector<Array> parts;
        uint64_t seed = 1;
        for (const int64_t extent : {3, 0, 1, 34}) {
          Dims shape = {2, 3, 40};
          shape[axis] = extent;
          parts.push_back(layouts(element, shape, seed++)[layout]);
        }
        const Array out = concat(parts, axis - 3);
        CHECK(out.shape()[axis] == 38);
        CHECK(has_elements(out, [&](Dims index) {
          size_t part = 0;
          while (index[axis] >= parts[part].shape()[axis])
            index[axis] -= parts[part++].shape()[axis];
          return at(parts[part], index);
        }));
      }
}

TEST_CASE("concat: one array is itself, and what does not go together is refused") {
  const Array a = sample(Element::kFloat32, {2, 3});
  CHECK(concat(std::vector{a}, 0).data() == a.data());
  const auto all = [&](const Array& b, int64_t axis) { return concat(std::vector{a, b}, axis); };
  CHECK_THROWS_AS(concat(std::span<const Array>(), 0), cne::ArgumentError);
  CHECK_THROWS_AS(all(a, 2), cne::ArgumentError);
  CHECK_THROWS_AS(all(sample(Element::kFloat64, {2, 3}), 0), cne::TypeError);
  CHECK_THROWS_AS(all(sample(Element::kFloat32, {2, 4}), 0), cne::ShapeError);
  CHECK_THROWS_AS(all(sample(Element::kFloat32, {2}), 0), cne::ShapeError);
  CHECK_THROWS_AS(concat(std::vector{Array::zeros({Element::kInt8, {}, {}})}, 0),
                  cne::ArgumentError);
}
