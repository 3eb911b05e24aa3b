// Running sums, products and extremes against loops in complex numbers of float64.

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <limits>

#include "core/error.h"
#include "core/parallel.h"
#include "layouts.h"
#include "tensor/cumulative.h"
#include "tensor/linear_recurrence.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

using Number = std::complex<double>;

constexpr CumulativeOp kOps[] = {CumulativeOp::kSum, CumulativeOp::kProd, CumulativeOp::kMax,
                                 CumulativeOp::kMin, CumulativeOp::kLogAddExp};

bool is_allowed(CumulativeOp op, Element element) {
  if (op == CumulativeOp::kLogAddExp) return is_floating(element);
  if (op >= CumulativeOp::kMax) return !is_complex(element) && element != Element::kBool;
  return element != Element::kBool;
}

Number put_together(CumulativeOp op, Number a, Number b) {
  switch (op) {
    case CumulativeOp::kSum:
      return a + b;
    case CumulativeOp::kProd:
      return a * b;
    case CumulativeOp::kMax:
      return std::max(a.real(), b.real());
    case CumulativeOp::kMin:
      return std::min(a.real(), b.real());
    default:
      return std::max(a.real(), b.real()) + std::log1p(std::exp(-std::abs(a.real() - b.real())));
  }
}

/// Whether each element is within `tolerance`, relative, of step(index, value before).
template <typename Step>
bool is_recurrence(const Array& out, int axis, bool reverse, double tolerance, const Step& step) {
  const Array wide = cast(out, Element::kComplex128);
  const int64_t length = out.shape()[axis];
  bool same = true;
  each_index(out.shape(), [&](Dims index) {
    if (index[axis] != 0) return;
    Number before = 0;
    for (int64_t i = 0; i < length; ++i) {
      index[axis] = reverse ? length - 1 - i : i;
      before = step(index, before, i == 0);
      const auto got = value_at<Number>(wide, index);
      same &= std::abs(got - before) <= tolerance * (std::abs(before) + 1);
    }
  });
  return same;
}

double tolerance_of(Element element) {
  if (element == Element::kBFloat16) return 1.0 / 256;
  if (element == Element::kFloat16) return 1.0 / 2048;
  if (element == Element::kFloat32 || element == Element::kComplex64) return 1e-7;
  return is_inexact(element) ? 1e-14 : 0;
}

void check_cumulative(CumulativeOp op, const Array& array, int axis, bool reverse) {
  const Array out = cumulative(op, array, axis, reverse);
  REQUIRE(out.shape() == array.shape());
  REQUIRE(out.element() == result_of(op, array.element()));
  const Array wide = cast(array, Element::kComplex128);
  CHECK(is_recurrence(out, axis, reverse, tolerance_of(out.element()),
                      [&](const Dims& index, Number before, bool is_first) {
                        const auto value = value_at<Number>(wide, index);
                        return is_first ? value : put_together(op, before, value);
                      }));
}

}  // namespace

TEST_CASE("cumulative: every operation, type and layout along each axis, both ways") {
  for (const CumulativeOp op : kOps)
    for (const Element element : all_elements()) {
      if (!is_allowed(op, element)) continue;
      const bool is_product = op == CumulativeOp::kProd;
      for (const Dims& shape : {Dims{3, 5, 4}, Dims{2, 7, 20}, Dims{40, 1}})
        for (const Array& array :
             layouts(element, shape, 1, is_product ? 1 : 0, is_product ? 1 : 9))
          for (int axis = 0; axis < shape.size(); ++axis)
            for (const bool reverse : {false, true}) check_cumulative(op, array, axis, reverse);
      check_cumulative(op, sample(element, {3, 0}), 0, false);
      check_cumulative(op, sample(element, {0}), 0, true);
    }
  const Array powers = sample(Element::kInt16, {40}, 1, 2, 2);
  check_cumulative(CumulativeOp::kProd, powers, 0, false);
  check_cumulative(CumulativeOp::kProd, cast(powers, Element::kComplex64), 0, true);
}

TEST_CASE("cumulative: long lines are the same on any number of threads") {
  const int usual = cne::num_threads();
  for (const CumulativeOp op : {CumulativeOp::kSum, CumulativeOp::kMax, CumulativeOp::kLogAddExp})
    for (const Element element : {Element::kInt8, Element::kFloat32, Element::kFloat64}) {
      if (!is_allowed(op, element)) continue;
      const Array array = sample(element, {2, 150'001}, 1, -20, 20);
      for (const bool reverse : {false, true}) {
        cne::set_num_threads(1);
        const Array out = cumulative(op, array, 1, reverse);
        const double tolerance = std::max(tolerance_of(out.element()), 1e-12);
        const Array wide = cast(array, Element::kComplex128);
        CHECK(is_recurrence(out, 1, reverse, tolerance,
                            [&](const Dims& index, Number before, bool is_first) {
                              const auto value = value_at<Number>(wide, index);
                              return is_first ? value : put_together(op, before, value);
                            }));
        for (const int threads : {2, 4}) {
          cne::set_num_threads(threads);
          CHECK(same_elements(cumulative(op, array, 1, reverse), out));
        }
      }
    }
  cne::set_num_threads(usual);
}

TEST_CASE("cumulative: sums of what is not negative do not become smaller; extremes see NaN") {
  Array array = Array::empty({Element::kFloat64, {200'000}, {}});
  uint64_t state = 3;
  for (int64_t i = 0; i < array.size(); ++i)
    array.mutable_as<double>()[i] = static_cast<double>(next_random(state) >> 11) * 0x1p-53;
  const Array sums = cumulative(CumulativeOp::kSum, array, 0, false);
  bool grows = true;
  for (int64_t i = 1; i < sums.size(); ++i)
    grows &= sums.as<double>()[i] >= sums.as<double>()[i - 1];
  CHECK(grows);
  array.mutable_as<double>()[5000] = std::numeric_limits<double>::quiet_NaN();
  for (const CumulativeOp op : {CumulativeOp::kMax, CumulativeOp::kMin}) {
    const Array out = cumulative(op, array, 0, false);
    bool same = true;
    for (int64_t i = 0; i < out.size(); ++i) same &= std::isnan(out.as<double>()[i]) == (i >= 5000);
    CHECK(same);
  }
}

TEST_CASE("cumulative: wrong use") {
  const auto run = [](CumulativeOp op, Element element, int64_t axis) {
    return cumulative(op, sample(element, {3}), axis, false);
  };
  CHECK_THROWS_AS(run(CumulativeOp::kSum, Element::kInt32, 1), cne::ArgumentError);
  CHECK_THROWS_AS(run(CumulativeOp::kSum, Element::kBool, 0), cne::TypeError);
  CHECK_THROWS_AS(run(CumulativeOp::kMax, Element::kComplex64, 0), cne::TypeError);
  CHECK_THROWS_AS(run(CumulativeOp::kLogAddExp, Element::kInt32, 0), cne::TypeError);
  CHECK(parse_cumulative_op("cumulative_logsumexp") == CumulativeOp::kLogAddExp);
  CHECK(!parse_cumulative_op("sum"));
}

TEST_CASE("linear_recurrence: every type and layout along each axis, both ways") {
  for (const Element element : all_elements()) {
    if (element == Element::kBool) continue;
    for (const Dims& shape : {Dims{3, 5, 4}, Dims{2, 7, 20}, Dims{6, 1}, Dims{0, 2}})
      for (size_t layout = 0; layout < 4; ++layout) {
        const Array a = layouts(element, shape, 1, 0, 1)[layout];
        const Array b = layouts(element, shape, 2, 0, 4)[3 - layout];
        for (int axis = 0; axis < shape.size(); ++axis)
          for (const bool reverse : {false, true}) {
            const Array out = linear_recurrence(a, b, axis, reverse);
            REQUIRE(out.type() == a.type());
            const Array factor = cast(a, Element::kComplex128);
            const Array summand = cast(b, Element::kComplex128);
            CHECK(is_recurrence(out, axis, reverse, tolerance_of(element),
                                [&](const Dims& index, Number before, bool) {
                                  return value_at<Number>(factor, index) * before +
                                         value_at<Number>(summand, index);
                                }));
          }
      }
  }
  const Array a = sample(Element::kFloat32, {3});
  CHECK_THROWS_AS(linear_recurrence(a, sample(Element::kFloat64, {3}), 0, false), cne::ShapeError);
  CHECK_THROWS_AS(linear_recurrence(a, a, 1, false), cne::ArgumentError);
  const Array truth = sample(Element::kBool, {3});
  CHECK_THROWS_AS(linear_recurrence(truth, truth, 0, false), cne::TypeError);
}
