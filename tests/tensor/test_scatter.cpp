// Updates by index against loops over single elements, in complex numbers of float64.

#include <doctest/doctest.h>

#include <complex>

#include "core/error.h"
#include "core/parallel.h"
#include "index_cases.h"
#include "tensor/scatter.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

using Number = std::complex<double>;

constexpr ScatterOp kOps[] = {ScatterOp::kSet, ScatterOp::kAdd, ScatterOp::kMultiply,
                              ScatterOp::kMax, ScatterOp::kMin};

Number put_together(ScatterOp op, Number a, Number b) {
  switch (op) {
    case ScatterOp::kSet:
      return b;
    case ScatterOp::kAdd:
      return a + b;
    case ScatterOp::kMultiply:
      return a * b;
    case ScatterOp::kMax:
      return std::max(a.real(), b.real());
    default:
      return std::min(a.real(), b.real());
  }
}

/// In the order of the updates' rows.
Array expected_of(ScatterOp op, const Array& operand, const IndexCase& item, const Array& updates,
                  IndexMode mode) {
  Array out = copy(cast(operand, Element::kComplex128));
  const Array wide = cast(updates, Element::kComplex128);
  each_index(updates.shape(), [&](const Dims& index) {
    const auto to = led_to(item, operand.shape(), index, mode);
    if (!to) return;
    auto& there = out.mutable_as<Number>()[(at(out, *to) - out.data()) / 16];
    there = put_together(op, there, value_at<Number>(wide, index));
  });
  return cast(out, operand.element());
}

bool is_allowed(ScatterOp op, Element element) {
  if (op == ScatterOp::kSet) return true;
  if (op >= ScatterOp::kMax && is_complex(element)) return false;
  return element != Element::kBool;
}

void check_scatter(ScatterOp op, const Array& operand, const IndexCase& item, const Array& updates,
                   IndexMode mode) {
  const Array out = scatter(op, operand, item.indices, updates, item.axes, mode);
  CHECK(same_elements(out, expected_of(op, operand, item, updates, mode)));
}

}  // namespace

TEST_CASE("scatter: every operation and type by every kind of index") {
  const auto inside = index_cases(Element::kInt32, -3, 2);
  const auto beyond = index_cases(Element::kInt64, -7, 9);
  for (const ScatterOp op : kOps)
    for (const Element element : all_elements()) {
      if (!is_allowed(op, element)) continue;
      for (size_t layout = 0; layout < 4; ++layout) {
        const Array operand = layouts(element, kIndexedShape, 1, 0, 3)[layout];
        const auto check = [&](const IndexCase& item, IndexMode mode) {
          const Dims shape =
              indexed_shape(kIndexedShape, types_of(item.indices), item.axes, "test");
          const auto updates = layouts(element, shape, 2, 0, op == ScatterOp::kMultiply ? 1 : 2);
          check_scatter(op, operand, item, updates[std::min(updates.size() - 1, 3 - layout)], mode);
        };
        for (const IndexCase& item : inside) check(item, IndexMode::kChecked);
        for (const IndexCase& item : beyond) check(item, IndexMode::kClip);
        for (const IndexCase& item : beyond) check(item, IndexMode::kSkip);
      }
    }
}

TEST_CASE("scatter: rows, batches and single elements are shared by any number of threads") {
  const auto line = [](int64_t n, int64_t high) {
    return sample(Element::kInt64, {n}, 5, 0, high);
  };
  const int usual = cne::num_threads();
  const auto check = [&](const Array& operand, const IndexCase& item) {
    const Dims shape = indexed_shape(operand.shape(), types_of(item.indices), item.axes, "test");
    const Array updates = sample(operand.element(), shape, 3, 0, 2);
    for (const ScatterOp op : kOps)
      for (const int threads : {1, 2, 3, 7}) {
        cne::set_num_threads(threads);
        check_scatter(op, operand, item, updates, IndexMode::kChecked);
      }
    cne::set_num_threads(usual);
  };
  check(sample(Element::kFloat32, {50, 300}), {{line(400, 49)}, take_axes(2, 0, 1)});
  check(sample(Element::kInt32, {50, 3}), {{line(40'000, 49)}, take_axes(2, 0, 1)});
  check(sample(Element::kFloat64, {90'000}), {{line(90'001, 89'999)}, take_axes(1, 0, 1)});
  check(sample(Element::kInt16, {300, 200}), {{line(200, 199)}, take_axes(2, 1, 1)});
}

TEST_CASE("scatter: sums of half precision are rounded once") {
  for (const Element element : {Element::kFloat16, Element::kBFloat16}) {
    const Array ones = cast(broadcast_to(sample(Element::kInt64, {1}, 1, 1, 1), {5000}), element);
    const Array zeros = Array::zeros({element, {1}, {}});
    const Array places = Array::zeros({Element::kInt64, {5000}, {}});
    const Array out =
        scatter(ScatterOp::kAdd, zeros, std::vector{places}, ones, take_axes(1, 0, 1));
    const double sum = *cast(out, Element::kFloat64).as<double>();
    CHECK(sum == (element == Element::kFloat16 ? 5000 : 4992));  // bfloat16 has 8 bits
  }
}

TEST_CASE("scatter: wrong use") {
  const Array a = sample(Element::kFloat32, {2, 3});
  const Array zero = Array::zeros({Element::kInt64, {1}, {}});
  const auto axes = take_axes(2, 0, 1);
  const auto run = [&](ScatterOp op, const Array& operand, const Array& indices,
                       const Array& updates) {
    return scatter(op, operand, std::vector{indices}, updates, axes);
  };
  const Array row = sample(Element::kFloat32, {1, 3});
  CHECK_THROWS_AS(run(ScatterOp::kAdd, a, zero, sample(Element::kFloat64, {1, 3})), cne::TypeError);
  CHECK_THROWS_AS(run(ScatterOp::kAdd, a, zero, sample(Element::kFloat32, {3})), cne::ShapeError);
  CHECK_THROWS_AS(run(ScatterOp::kSet, a, array_of<int64_t>(Element::kInt64, {1}, {2}), row),
                  cne::ArgumentError);
  CHECK_THROWS_AS(run(ScatterOp::kMax, sample(Element::kComplex64, {2, 3}), zero,
                      sample(Element::kComplex64, {1, 3})),
                  cne::TypeError);
  CHECK_THROWS_AS(
      run(ScatterOp::kAdd, sample(Element::kBool, {2, 3}), zero, sample(Element::kBool, {1, 3})),
      cne::TypeError);
  CHECK(parse_scatter_op("multiply") == ScatterOp::kMultiply);
  CHECK(!parse_scatter_op("divide"));
}
