// Elements by index against loops over single elements.

#include <doctest/doctest.h>

#include "core/error.h"
#include "index_cases.h"
#include "tensor/gather.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_gather(const Array& operand, const IndexCase& item, IndexMode mode) {
  const Array out = gather(operand, item.indices, item.axes, mode);
  const Array zero = Array::zeros({operand.element(), {}, {}});
  CHECK(out.is_contiguous());
  CHECK(has_elements(out, [&](const Dims& index) {
    const auto from = led_to(item, operand.shape(), index, mode);
    return from ? at(operand, *from) : zero.data();
  }));
}

}  // namespace

TEST_CASE("gather: every type from every layout by every kind of index") {
  for (const Element index : {Element::kInt32, Element::kInt64}) {
    const auto inside = index_cases(index, 0, 2);
    const auto from_end = index_cases(index, -3, 2);
    const auto beyond = index_cases(index, -7, 9);
    for (const Element element : all_elements()) {
      // One type of each width is enough for the other type of indices.
      if (index == Element::kInt32 && kind_of(element) != ElementKind::kSigned) continue;
      for (const Array& operand : layouts(element, kIndexedShape)) {
        for (const IndexCase& item : inside) check_gather(operand, item, IndexMode::kChecked);
        for (const IndexCase& item : from_end) check_gather(operand, item, IndexMode::kChecked);
        for (const IndexCase& item : beyond) check_gather(operand, item, IndexMode::kClip);
        for (const IndexCase& item : beyond) check_gather(operand, item, IndexMode::kSkip);
      }
    }
  }
}

TEST_CASE("gather: more elements than one thread takes") {
  const Array table = sample(Element::kFloat32, {500, 130});
  for (const Element index : {Element::kInt32, Element::kInt64}) {
    check_gather(table, {{sample(index, {700}, 3, 0, 499)}, take_axes(2, 0, 1)},
                 IndexMode::kChecked);
    check_gather(table, {{sample(index, {700}, 3, -130, 129)}, take_axes(2, 1, 1)},
                 IndexMode::kChecked);
    check_gather(table, {{sample(index, {500, 131}, 3, 0, 129)}, along_axes(2, 1)},
                 IndexMode::kChecked);
    check_gather(table, {{sample(index, {501, 130}, 3, 0, 600)}, along_axes(2, 0)},
                 IndexMode::kSkip);
  }
}

TEST_CASE("gather: wrong use") {
  const Array a = sample(Element::kFloat32, {2, 3});
  const auto by = [&](const Array& indices, const IndexAxes& axes) {
    return gather(a, std::vector{indices}, axes);
  };
  const Array two = sample(Element::kInt64, {2}, 1, 0, 0);
  CHECK_THROWS_AS(by(array_of<int64_t>(Element::kInt64, {1}, {3}), take_axes(2, 1, 1)),
                  cne::ArgumentError);
  CHECK_THROWS_AS(by(array_of<int64_t>(Element::kInt64, {1}, {INT64_MIN}), take_axes(2, 1, 1)),
                  cne::ArgumentError);
  CHECK_THROWS_AS(by(array_of<int32_t>(Element::kInt32, {2}, {0, -4}), take_axes(2, 1, 1)),
                  cne::ArgumentError);
  CHECK_THROWS_AS(by(cast(two, Element::kInt8), take_axes(2, 0, 1)), cne::TypeError);
  CHECK_THROWS_AS(by(two, take_axes(2, 0, 2)), cne::ArgumentError);
  CHECK_THROWS_AS(by(two, {{0}, {0, 1}, {-1, 0}}), cne::ArgumentError);
  CHECK_THROWS_AS(by(two, {{0}, {-1, -1, 1}, {0, -1, -1}}), cne::ArgumentError);
  CHECK_THROWS_AS(by(two, {{1}, {0, -1}, {-1, 1}}), cne::ArgumentError);
  CHECK_THROWS_AS(by(sample(Element::kInt64, {3, 1}, 1, 0, 0), along_axes(2, 1)), cne::ShapeError);
  CHECK_THROWS_AS(gather(a, std::vector{two, cast(two, Element::kInt32)}, {{0, 1}, {-1}, {0}}),
                  cne::TypeError);
  CHECK_THROWS_AS(
      gather(a, std::vector{two, sample(Element::kInt64, {3}, 1, 0, 0)}, {{0, 1}, {-1}, {0}}),
      cne::ShapeError);
  const Array none = sample(Element::kFloat32, {0, 3});
  CHECK_THROWS_AS(gather(none, std::vector{two}, take_axes(2, 0, 1)), cne::ArgumentError);
  CHECK_THROWS_AS(gather(none, std::vector{two}, take_axes(2, 0, 1), IndexMode::kClip),
                  cne::ShapeError);
  check_gather(none, {{two}, take_axes(2, 0, 1)}, IndexMode::kSkip);
}
