// Padded and cut arrays against loops over single elements.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/pad.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_pad(const Array& array, const Dims& low, const Dims& high, const Dims& interior) {
  const Array value = sample(array.element(), {}, 99);
  const Array out = pad(array, value, low, high, interior);
  CHECK(out.shape() == padded_shape(array.shape(), low, high, interior));
  CHECK(has_elements(out, [&](const Dims& index) {
    Dims from = index;
    bool inside = true;
    for (int axis = 0; axis < index.size(); ++axis) {
      const int64_t along = index[axis] - low[axis];
      from[axis] = along / (interior[axis] + 1);
      inside &= along >= 0 && along % (interior[axis] + 1) == 0 && from[axis] < array.shape()[axis];
    }
    return inside ? at(array, from) : value.data();
  }));
}

}  // namespace

TEST_CASE("pad: every type and layout, with gaps and with what is cut off") {
  for (const Element element : all_elements())
    for (const Array& array : layouts(element, {4, 3, 5})) {
      check_pad(array, {0, 0, 0}, {0, 0, 0}, {0, 0, 0});
      check_pad(array, {1, 2, 3}, {3, 0, 1}, {0, 0, 0});
      check_pad(array, {-1, 2, -2}, {-1, 1, 4}, {0, 0, 0});
      check_pad(array, {1, 0, 2}, {0, 2, 1}, {2, 1, 3});
      check_pad(array, {-3, 1, -5}, {2, -1, -6}, {1, 0, 2});
      check_pad(array, {-4, 0, 0}, {3, 0, 0}, {0, 0, 0});  // nothing of it is left
      check_pad(array, {5, 0, 0}, {-9, 0, 0}, {0, 0, 0});
      check_pad(array, {-2, -1, -1}, {-2, -1, -1}, {0, 0, 0});
    }
}

TEST_CASE("pad: each cut and gap of a short axis") {
  for (int64_t extent = 0; extent < 5; ++extent)
    for (int64_t interior = 0; interior < 4; ++interior)
      for (int64_t low = -9; low < 4; ++low)
        for (int64_t high = -9; high < 4; ++high) {
          const int64_t out = extent + std::max<int64_t>(extent - 1, 0) * interior + low + high;
          if (out >= 0) check_pad(sample(Element::kInt16, {extent}), {low}, {high}, {interior});
        }
}

TEST_CASE("pad: wrong use") {
  const Array a = sample(Element::kInt32, {2});
  const Array zero = Array::zeros({Element::kInt32, {}, {}});
  CHECK_THROWS_AS(pad(a, zero, {-2}, {-1}, {0}), cne::ShapeError);
  CHECK_THROWS_AS(pad(a, zero, {0}, {0}, {-1}), cne::ShapeError);
  CHECK_THROWS_AS(pad(a, zero, {0, 0}, {0}, {0}), cne::ShapeError);
  CHECK_THROWS_AS(pad(a, zero, {INT64_MAX}, {INT64_MAX}, {INT64_MAX}), cne::ShapeError);
  CHECK_THROWS_AS(pad(a, zero, {INT64_MIN}, {INT64_MAX}, {0}), cne::ShapeError);
  CHECK_THROWS_AS(pad(a, a, {0}, {0}, {0}), cne::TypeError);
  CHECK_THROWS_AS(pad(a, Array::zeros({Element::kInt8, {}, {}}), {0}, {0}, {0}), cne::TypeError);
}
