#include <doctest/doctest.h>

#include <string>

#include "arrays.h"
#include "core/error.h"
#include "tensor/matmul.h"
#include "tensor/narrow_linear.h"
#include "tensor/row_dots.h"
#include "tensor/view.h"

using namespace cne::tensor;
using arrays::random;

namespace {

constexpr Element kNarrow[] = {Element::kBFloat16, Element::kFloat16, Element::kInt8};

/// In float64.
Array expected(const Array& x, const Array& weight, const Array& scale) {
  const Array product =
      matmul(cast(x, Element::kFloat64), permute(cast(weight, Element::kFloat64), {1, 0}));
  return scale ? elementwise(ElementOp::kMultiply, product, cast(scale, Element::kFloat64))
               : product;
}

void check(const Array& x, const Array& weight, const Array& scale) {
  const Array out = narrow_linear(x, weight, scale);
  CHECK(out.element() == Element::kFloat32);
  const Array want = expected(x, weight, scale);
  CHECK(out.shape() == want.shape());
  // Sums of k products of float32: each is rounded, as are the sums.
  const double largest = weight.element() == Element::kInt8 ? 128 : 4;
  const double tolerance = 0x1p-24 * 16 * largest * static_cast<double>(weight.shape()[1] + 1);
  CHECK(arrays::distance(arrays::numbers(out), arrays::numbers(want)) <= tolerance);
}

}  // namespace

TEST_CASE("narrow_linear agrees with float64") {
  for (const Element element : kNarrow) {
    CAPTURE(std::string(name_of(element)));
    for (const int64_t k : {1, 31, 32, 100, 515})
      for (const int64_t n : {1, 7, 40})
        for (const Dims& rows : {Dims{}, {1}, {2}, {3}, {4}, {5}, {2, 9}}) {
          Dims shape = rows;
          shape.push_back(k);
          const Array x = random(Element::kFloat32, shape, 1);
          const Array weight = random(element, {n, k}, 2);
          check(x, weight, {});
          check(x, weight, random(Element::kFloat32, {n}, 3));
        }
    const Array wide = random(element, {300, 4000}, 2);
    check(random(Element::kFloat32, {4000}, 1), wide, {});
    check(random(Element::kFloat32, {40, 4000}, 1), wide, {});
  }
}

TEST_CASE("narrow_linear reads arrays as they lie, and empty ones") {
  for (const Element element : kNarrow) {
    const Array x = random(Element::kFloat32, {3, 70}, 1);
    const Array weight = random(element, {40, 140}, 2);
    check(x, slice_axis(weight, 1, 3, 1, 70), flip(random(Element::kFloat32, {40}, 3), {0}));
    check(x, slice_axis(weight, 1, 3, 1, 70), {});
    check(x, slice_axis(weight, 1, 1, 2, 70), {});
    check(flip(x, {0, 1}), permute(random(element, {70, 40}, 4), {1, 0}), {});
    const auto shape = [&](const Dims& rows, const Dims& matrix) {
      return narrow_linear(random(Element::kFloat32, rows, 1), random(element, matrix, 2), {})
          .shape();
    };
    CHECK(shape({2, 0}, {3, 0}) == Dims{2, 3});
    CHECK(shape({0, 5}, {3, 5}) == Dims{0, 3});
    CHECK(shape({2, 5}, {0, 5}) == Dims{2, 0});
  }
}

TEST_CASE("row_dots is the same on every processor") {
  for (const Element element : kNarrow)
    for (const int64_t m : {1, 4}) {
      const int64_t n = 9;
      const int64_t k = 77;
      const Array x = random(Element::kFloat32, {m, k}, 1);
      const Array weight = random(element, {n, k}, 2);
      const RowDots dots{element, weight.data(), k, n, k, x.as<float>(), m};
      std::vector<float> any(static_cast<size_t>(m * n));
      row_dots(dots, any.data(), n);
      std::vector<float> blocks(static_cast<size_t>(m * 96));
      for (int64_t i = 0; i < m; ++i)
        for (int64_t at = 0; at < k; ++at)
          blocks[static_cast<size_t>(i * 96 + at / 32 * 32 + dot_lane(element, at % 32))] =
              x.as<float>()[i * k + at];
      std::vector<float> portable(any.size());
      portable_row_dots(dots, blocks.data(), 0, n, portable.data(), n);
      CHECK(any == portable);
    }
}

TEST_CASE("a few rows of a half precision product are read as they lie") {
  for (const Element element : {Element::kBFloat16, Element::kFloat16})
    for (const int64_t m : {1, 3, 4}) {
      const Array a = random(element, {m, 300}, 1);
      const Array b = permute(random(element, {50, 300}, 2), {1, 0});
      const Array bias = random(element, {50}, 3);
      const Array wide = matmul_bias(cast(a, Element::kFloat64), cast(b, Element::kFloat64),
                                     cast(bias, Element::kFloat64));
      const double tolerance = arrays::rounding(element) * 128;
      CHECK(arrays::distance(arrays::numbers(matmul_bias(a, b, bias)), arrays::numbers(wide)) <=
            tolerance);
    }
}

TEST_CASE("narrow_linear says what it does not take") {
  const Array x = random(Element::kFloat32, {2, 3}, 1);
  const Array weight = random(Element::kInt8, {4, 3}, 1);
  CHECK_THROWS_AS(narrow_linear(random(Element::kFloat64, {2, 3}, 1), weight, {}), cne::TypeError);
  CHECK_THROWS_AS(narrow_linear(x, random(Element::kInt16, {4, 3}, 1), {}), cne::TypeError);
  CHECK_THROWS_AS(narrow_linear(x, random(Element::kInt8, {4, 2}, 1), {}), cne::ShapeError);
  CHECK_THROWS_AS(narrow_linear(x, random(Element::kInt8, {3}, 1), {}), cne::ShapeError);
  CHECK_THROWS_AS(narrow_linear(x, weight, random(Element::kFloat32, {3}, 1)), cne::ShapeError);
  CHECK_THROWS_AS(narrow_linear(x, weight, random(Element::kFloat64, {4}, 1)), cne::TypeError);
}
