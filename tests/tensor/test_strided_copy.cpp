// Copies between any two layouts against loops over single elements.

#include <doctest/doctest.h>

#include "core/error.h"
#include "layouts.h"
#include "tensor/strided_copy.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

const Dims kShapes[] = {{}, {1}, {7}, {0, 3}, {3, 5}, {33, 70}, {2, 3, 4, 5}, {36, 1, 9, 3}};

/// A block of a zeroed target, which itself lies in memory as `order` says.
void check_block(const Array& source, const Dims& starts, const Dims& steps, const Dims& extents,
                 const Dims& order) {
  Dims memory;
  for (const int64_t axis : order) memory.push_back(extents[static_cast<int>(axis)]);
  Dims back = order;
  for (int i = 0; i < order.size(); ++i) back[static_cast<int>(order[i])] = i;
  Array target = permute(Array::zeros({source.element(), memory, {}}), back);
  copy_into(target, starts, steps, source);
  const Array zero = Array::zeros({source.element(), {}, {}});
  CHECK(has_elements(target, [&](const Dims& index) {
    Dims from = index;
    bool inside = true;
    for (int axis = 0; axis < index.size(); ++axis) {
      const int64_t along = index[axis] - starts[axis];
      from[axis] = along / steps[axis];
      inside &= along % steps[axis] == 0 && from[axis] >= 0 && from[axis] < source.shape()[axis];
    }
    return inside ? at(source, from) : zero.data();
  }));
}

}  // namespace

TEST_CASE("copy_into: blocks of every width from every layout into targets of any order") {
  for (const Element element : {Element::kUInt8, Element::kFloat16, Element::kFloat32,
                                Element::kInt64, Element::kComplex128})
    for (const Dims& shape : kShapes)
      for (const Array& source : layouts(element, shape)) {
        const int rank = shape.size();
        const Dims none = Dims::filled(rank, 0);
        const Dims order = Dims::range(0, rank);
        Dims reversed = order;
        std::reverse(reversed.begin(), reversed.end());
        check_block(source, none, Dims::filled(rank, 1), shape, order);
        check_block(source, none, Dims::filled(rank, 1), shape, reversed);
        Dims starts;
        Dims steps;
        Dims extents;
        for (int axis = 0; axis < rank; ++axis) {
          const bool backwards = axis % 2 == 1;
          const int64_t reach = 2 * (shape[axis] - 1);
          starts.push_back(backwards ? std::max<int64_t>(reach, 0) + 1 : 2);
          steps.push_back(backwards ? -2 : 2);
          extents.push_back(2 * shape[axis] + 3);
        }
        check_block(source, starts, steps, extents, order);
        check_block(source, starts, steps, extents, reversed);
      }
}

TEST_CASE("copy_strided: planes larger than a piece of a thread") {
  for (const Element element : {Element::kInt8, Element::kFloat32, Element::kComplex128})
    for (const Array& source : layouts(element, {300, 257, 3})) {
      Array target = Array::empty(source.type());
      copy_into(target, {0, 0, 0}, {1, 1, 1}, source);
      CHECK(same_elements(target, source));
    }
}

TEST_CASE("copy_into: what does not fit is refused") {
  const Array source = sample(Element::kInt32, {2, 3});
  Array target = Array::zeros({Element::kInt32, {4, 5}, {}});
  CHECK_THROWS_AS(copy_into(target, {3, 0}, {1, 1}, source), cne::ArgumentError);
  CHECK_THROWS_AS(copy_into(target, {0, 0}, {1, 3}, source), cne::ArgumentError);
  CHECK_THROWS_AS(copy_into(target, {0, 1}, {1, -1}, source), cne::ArgumentError);
  CHECK_THROWS_AS(copy_into(target, {0}, {1}, source), cne::ShapeError);
  CHECK_THROWS_AS(copy_into(target, {0, 0}, {1, 1}, sample(Element::kInt64, {2, 3})),
                  cne::ShapeError);
}
