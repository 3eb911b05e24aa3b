// Blocks at places that are arrays, against slices.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/dynamic_slice.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

std::vector<Array> starts_of(Element element, const std::vector<int64_t>& values) {
  std::vector<Array> out;
  for (const int64_t value : values)
    out.push_back(cast(array_of<int64_t>(Element::kInt64, {}, {value}), element));
  return out;
}

}  // namespace

TEST_CASE("dynamic_slice: blocks are read and written, and begin where they fit") {
  for (const Element element : all_elements())
    for (const Array& array : layouts(element, {4, 5, 6}))
      for (const Element type : {Element::kInt8, Element::kInt32, Element::kInt64})
        for (const int64_t start : {-100, -1, 0, 1, 2, 3, 100}) {
          const auto starts = starts_of(type, {start, 1, -start});
          const Dims sizes = {2, 3, 1};
          const Dims first = {std::clamp<int64_t>(start, 0, 2), 1,
                              std::clamp<int64_t>(-start, 0, 5)};
          const Array out = dynamic_slice(array, starts, sizes);
          REQUIRE(out.shape() == sizes);
          CHECK(has_elements(out, [&](Dims index) {
            for (int axis = 0; axis < 3; ++axis) index[axis] += first[axis];
            return at(array, index);
          }));
          const Array update = sample(element, sizes, 7);
          const Array changed = dynamic_update_slice(array, update, starts);
          CHECK(has_elements(changed, [&](const Dims& index) {
            Dims inner = index;
            bool inside = true;
            for (int axis = 0; axis < 3; ++axis) {
              inner[axis] -= first[axis];
              inside &= inner[axis] >= 0 && inner[axis] < sizes[axis];
            }
            return inside ? at(update, inner) : at(array, index);
          }));
        }
  const Array line = sample(Element::kInt32, {5});
  const Array far = array_of<uint64_t>(Element::kUInt64, {}, {UINT64_MAX});
  CHECK(dynamic_slice(line, std::vector{far}, {2}).data() == line.data() + 3 * 4);
  CHECK(dynamic_slice(sample(Element::kInt32, {}), {}, {}).rank() == 0);
  CHECK(dynamic_slice(line, std::vector{far}, {0}).size() == 0);
}

TEST_CASE("dynamic_slice: wrong use") {
  const Array a = sample(Element::kInt32, {2, 3});
  const auto zeros = starts_of(Element::kInt64, {0, 0});
  CHECK_THROWS_AS(dynamic_slice(a, zeros, {1}), cne::ShapeError);
  CHECK_THROWS_AS(dynamic_slice(a, starts_of(Element::kInt64, {0}), {1, 1}), cne::ShapeError);
  CHECK_THROWS_AS(dynamic_slice(a, zeros, {1, 4}), cne::ShapeError);
  CHECK_THROWS_AS(dynamic_slice(a, zeros, {1, -1}), cne::ShapeError);
  CHECK_THROWS_AS(dynamic_slice(a, starts_of(Element::kFloat32, {0, 0}), {1, 1}), cne::TypeError);
  CHECK_THROWS_AS(dynamic_slice(a, std::vector{a, a}, {1, 1}), cne::TypeError);
  CHECK_THROWS_AS(dynamic_update_slice(a, sample(Element::kInt64, {1, 1}), zeros), cne::TypeError);
  CHECK_THROWS_AS(dynamic_update_slice(a, sample(Element::kInt32, {3, 1}), zeros), cne::ShapeError);
}
