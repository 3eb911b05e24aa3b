#include <doctest/doctest.h>

#include <string>

#include "arrays.h"
#include "core/error.h"
#include "core/parallel.h"
#include "tensor/gemm_float.h"
#include "tensor/gemm_int8.h"
#include "tensor/gemm_integer.h"
#include "tensor/matmul.h"
#include "tensor/view.h"

using namespace cne::tensor;
using arrays::Complex;
using arrays::random;

namespace {

constexpr Element kFloats[] = {Element::kFloat16, Element::kBFloat16,  Element::kFloat32,
                               Element::kFloat64, Element::kComplex64, Element::kComplex128};
constexpr Element kInts[] = {Element::kInt8,  Element::kInt16,  Element::kInt32,  Element::kInt64,
                             Element::kUInt8, Element::kUInt16, Element::kUInt32, Element::kUInt64};

/// Both as batches of matrices, broadcast; what the standard says of arrays of one axis.
struct Case {
  Array a, b;
  Dims shape;
  int64_t m, n, k;
};
Case batches(const Array& left, const Array& right) {
  Case out{left.rank() == 1 ? expand_dims(left, {0}) : left,
           right.rank() == 1 ? expand_dims(right, {1}) : right,
           {},
           0,
           0,
           0};
  out.m = out.a.shape()[out.a.rank() - 2];
  out.k = out.a.shape().back();
  out.n = out.b.shape().back();
  Dims a_batch;
  Dims b_batch;
  for (int i = 0; i + 2 < out.a.rank(); ++i) a_batch.push_back(out.a.shape()[i]);
  for (int i = 0; i + 2 < out.b.rank(); ++i) b_batch.push_back(out.b.shape()[i]);
  const Dims batch = broadcast_shapes(a_batch, b_batch, "test");
  const auto whole = [&batch](int64_t rows, int64_t columns) {
    Dims shape = batch;
    shape.push_back(rows);
    shape.push_back(columns);
    return shape;
  };
  out.a = broadcast_to(out.a, whole(out.m, out.k));
  out.b = broadcast_to(out.b, whole(out.k, out.n));
  out.shape = batch;
  if (left.rank() > 1) out.shape.push_back(out.m);
  if (right.rank() > 1) out.shape.push_back(out.n);
  return out;
}

template <typename T>
std::vector<T> by_formula(const Case& c, const std::vector<T>& a, const std::vector<T>& b) {
  std::vector<T> out;
  const int64_t batch = c.m * c.k == 0 ? 0 : static_cast<int64_t>(a.size()) / (c.m * c.k);
  for (int64_t p = 0; p < batch; ++p)
    for (int64_t i = 0; i < c.m; ++i)
      for (int64_t j = 0; j < c.n; ++j) {
        T sum{};
        for (int64_t k = 0; k < c.k; ++k)
          sum += a[static_cast<size_t>((p * c.m + i) * c.k + k)] *
                 b[static_cast<size_t>((p * c.k + k) * c.n + j)];
        out.push_back(sum);
      }
  return out;
}

/// Sums of k products of normal numbers: the error of each is of their rounding, and adds up.
void check_floats(const Array& a, const Array& b) {
  const Case c = batches(a, b);
  const Array out = matmul(a, b);
  CHECK(out.element() == a.element());
  CHECK(out.shape() == c.shape);
  CHECK(out.is_contiguous());
  const auto expected = by_formula(c, arrays::numbers(c.a), arrays::numbers(c.b));
  const bool is_half = size_of(a.element()) == 2;
  const double depth = static_cast<double>(c.k);
  const double tolerance = arrays::rounding(a.element()) * 6 * std::sqrt(depth) +
                           arrays::rounding(is_half ? Element::kFloat32 : a.element()) * 4 * depth;
  CHECK(arrays::distance(arrays::numbers(out), expected) <= tolerance);
}

void check_integers(const Array& a, const Array& b) {
  const Case c = batches(a, b);
  const Array out = matmul(a, b);
  CHECK(out.element() == a.element());
  CHECK(out.shape() == c.shape);
  const auto unsigned_of = [](const Array& array) {
    const auto in = arrays::integers(array);
    return std::vector<uint64_t>(in.begin(), in.end());
  };
  const auto expected = by_formula(c, unsigned_of(c.a), unsigned_of(c.b));
  const auto got = unsigned_of(out);
  const int unused = 64 - 8 * static_cast<int>(size_of(a.element()));
  REQUIRE(got.size() == expected.size());
  bool equal = true;
  for (size_t i = 0; i < got.size(); ++i) equal &= got[i] << unused == expected[i] << unused;
  CHECK(equal);
}

void check(const Array& a, const Array& b) {
  is_integer(a.element()) ? check_integers(a, b) : check_floats(a, b);
}

Array transposed(const Array& array) {
  Dims axes = Dims::range(0, array.rank());
  std::swap(axes[array.rank() - 1], axes[array.rank() - 2]);
  return permute(array, axes);
}

template <typename F>
void with_elements(const F& f) {
  for (const Element element : kFloats) f(element);
  for (const Element element : kInts) f(element);
}

}  // namespace

TEST_CASE("matmul agrees with the formula for every type and shape") {
  const Dims shapes[][2] = {{{1, 1}, {1, 1}},
                            {{2, 3}, {3, 4}},
                            {{5, 7}, {7, 1}},
                            {{1, 9}, {9, 6}},
                            {{33, 65}, {65, 70}},
                            {{130, 300}, {300, 67}},
                            {{4}, {4}},
                            {{4}, {4, 3}},
                            {{3, 4}, {4}},
                            {{2, 3, 4}, {4}},
                            {{4}, {2, 4, 3}},
                            {{3, 5, 4}, {4, 2}},
                            {{5, 4}, {3, 4, 2}},
                            {{2, 1, 5, 4}, {3, 4, 2}},
                            {{2, 3, 5, 4}, {1, 3, 4, 2}}};
  with_elements([&](Element element) {
    for (const auto& [a, b] : shapes) {
      CAPTURE(std::string(name_of(element)));
      CAPTURE(to_string(a));
      check(random(element, a, 1), random(element, b, 2));
    }
  });
}

TEST_CASE("matmul of large arrays is cut into pieces") {
  check(random(Element::kFloat32, {300, 270}, 1), random(Element::kFloat32, {270, 290}, 2));
  check(random(Element::kBFloat16, {530, 600}, 1), random(Element::kBFloat16, {600, 520}, 2));
  check(random(Element::kFloat32, {3, 3000}, 1), random(Element::kFloat32, {3000, 700}, 2));
  check(random(Element::kFloat64, {1, 3000}, 1), random(Element::kFloat64, {3000, 700}, 2));
  check(random(Element::kFloat64, {700, 3000}, 1), random(Element::kFloat64, {3000, 1}, 2));
  check(random(Element::kInt16, {300, 270}, 1), random(Element::kInt16, {270, 290}, 2));
}

TEST_CASE("matmul reads arrays as they lie") {
  with_elements([&](Element element) {
    CAPTURE(std::string(name_of(element)));
    const Array a = random(element, {6, 10, 8}, 1);
    const Array b = random(element, {6, 8, 12}, 2);
    const Array square = random(element, {8, 8}, 3);
    check(transposed(random(element, {8, 10}, 4)), transposed(random(element, {12, 8}, 5)));
    check(transposed(transposed(a)), b);
    check(transposed(random(element, {6, 8, 10}, 4)), b);
    check(a, transposed(random(element, {6, 12, 8}, 5)));
    check(flip(a, {1}), flip(b, {0, 2}));
    check(slice_axis(random(element, {6, 10, 16}, 4), 2, 1, 2, 8), b);
    check(slice_axis(random(element, {6, 20, 8}, 4), 1, 1, 2, 10), slice_axis(b, 2, 3, 1, 7));
    check(permute(random(element, {10, 6, 8}, 4), {1, 0, 2}), square);  // rows of a batch apart
    check(permute(random(element, {8, 10, 6}, 4), {2, 1, 0}), square);
    check(broadcast_to(random(element, {10, 1}, 4), {10, 8}), square);
    check(broadcast_to(random(element, {1, 8}, 4), {10, 8}), square);
    check(broadcast_to(random(element, {1, 10, 8}, 4), {5, 10, 8}), square);
    check(square, broadcast_to(flip(random(element, {8, 4}, 4), {0}), {3, 8, 4}));
    check(take_one(a, 1, 2), take_one(b, 0, 1));
    check(slice_axis(a, 1, 2, 1, 1), square);
    check(take_one(transposed(square), 0, 3), square);
    check(square, flip(take_one(square, 1, 5), {0}));
  });
}

TEST_CASE("matmul over nothing is zero") {
  with_elements([&](Element element) {
    const Array out = matmul(random(element, {2, 0}, 1), random(element, {0, 3}, 2));
    CHECK(out.shape() == Dims{2, 3});
    CHECK(arrays::numbers(out) == std::vector<Complex>(6));
    CHECK(matmul(random(element, {0, 4}, 1), random(element, {4, 3}, 2)).shape() == Dims{0, 3});
    CHECK(matmul(random(element, {0, 2, 4}, 1), random(element, {4, 3}, 2)).shape() ==
          Dims{0, 2, 3});
    CHECK(matmul(random(element, {0}, 1), random(element, {0}, 2)).shape() == Dims{});
  });
}

TEST_CASE("matmul_bias adds to each row before it rounds") {
  with_elements([&](Element element) {
    CAPTURE(std::string(name_of(element)));
    for (const int64_t k : {0, 1, 40}) {
      const Array a = random(element, {3, 5, k}, 1);
      const Array b = random(element, {k, 70}, 2);
      const Array bias = flip(random(element, {70}, 3), {0});
      const Array out = matmul_bias(a, b, bias);
      CHECK(out.shape() == Dims{3, 5, 70});
      const Element wide = is_integer(element) ? element : Element::kComplex128;
      const Array expected =
          elementwise(ElementOp::kAdd, matmul(cast(a, wide), cast(b, wide)), cast(bias, wide));
      // Numbers below 64; those of two bytes are rounded once.
      const double tolerance =
          is_integer(element) ? 0 : arrays::rounding(element) * (size_of(element) == 2 ? 64 : 400);
      CHECK(arrays::distance(arrays::numbers(out), arrays::numbers(expected)) <= tolerance);
    }
  });
}

TEST_CASE("matmul does not depend on the number of threads") {
  const Array a = random(Element::kFloat32, {4, 310, 270}, 1);
  const Array b = random(Element::kFloat32, {4, 270, 330}, 2);
  const int before = cne::num_threads();
  cne::set_num_threads(1);
  const auto one = arrays::numbers(matmul(a, b));
  cne::set_num_threads(5);
  const auto five = arrays::numbers(matmul(a, b));
  cne::set_num_threads(before);
  CHECK(one == five);
}

TEST_CASE("a row of a float product does not depend on the others") {
  if (float_kernel(Element::kFloat32) == nullptr) return;
  for (const Element element : {Element::kBFloat16, Element::kFloat32, Element::kFloat64}) {
    const Array a = random(element, {200, 500}, 1);
    const Array b = random(element, {500, 70}, 2);
    const auto all = arrays::numbers(matmul(a, b));
    for (const int64_t count : {2, 3, 14, 33, 117}) {
      const auto part = arrays::numbers(matmul(slice_axis(a, 0, 5, 1, count), b));
      CHECK(std::equal(part.begin(), part.end(), all.begin() + 5 * 70));
    }
  }
}

TEST_CASE("matmul_int8 is exact, and the same on every processor") {
  const Dims shapes[][2] = {{{1, 1}, {1, 1}},     {{3, 5}, {5, 2}},         {{29, 131}, {131, 70}},
                            {{14, 64}, {64, 32}}, {{70, 2100}, {2100, 33}}, {{2, 5, 9}, {9, 40}},
                            {{7}, {7}},           {{3, 0}, {0, 4}}};
  const auto wide_product = [](const Array& a, const Array& b) {
    return arrays::integers(matmul(cast(a, Element::kInt32), cast(b, Element::kInt32)));
  };
  for (const auto& [left, right] : shapes) {
    CAPTURE(to_string(left));
    const Array a = random(Element::kInt8, left, 1);
    const Array b = random(Element::kInt8, right, 2);
    const Array out = matmul_int8(a, b);
    CHECK(out.element() == Element::kInt32);
    CHECK(arrays::integers(out) == wide_product(a, b));
    if (a.rank() == 1 || b.size() == 0) continue;
    CHECK(arrays::integers(matmul_int8(transposed(b), transposed(a))) ==
          wide_product(transposed(b), transposed(a)));
    CHECK(arrays::integers(matmul_int8(flip(a, {-1}), flip(b, {-2}))) == wide_product(a, b));

    std::vector<int32_t> sums(static_cast<size_t>(out.size()), 1);
    const int64_t n = b.shape().back();
    const MatrixView a_matrix{a.data(), a.size() / a.shape().back(), a.shape().back(),
                              a.shape().back(), 1};
    gemm_packed(portable_int8_kernel(), a_matrix, {b.data(), b.size() / n, n, n, 1}, true,
                reinterpret_cast<uint8_t*>(sums.data()), n);
    for (int32_t& each : sums) --each;
    CHECK(std::vector<int64_t>(sums.begin(), sums.end()) == arrays::integers(out));
  }
  const Array lowest =
      flip(arrays::of(Element::kInt8, {40, 9}, std::vector<Complex>(360, -128)), {0});
  CHECK(arrays::integers(matmul_int8(lowest, transposed(lowest))) ==
        std::vector<int64_t>(1600, 9 * 128 * 128));
  CHECK_THROWS_AS(matmul_int8(lowest, random(Element::kUInt8, {9, 1}, 1)), cne::TypeError);
}

TEST_CASE("matmul and matmul_bias say what they do not take") {
  const Array a = random(Element::kFloat32, {2, 3}, 1);
  const Array wide = random(Element::kFloat64, {3, 2}, 1);
  const Array flags = random(Element::kBool, {3, 3}, 1);
  CHECK_THROWS_AS(matmul(a, wide), cne::TypeError);
  CHECK_THROWS_AS(matmul(flags, flags), cne::TypeError);
  CHECK_THROWS_AS(matmul(a, a), cne::ShapeError);
  CHECK_THROWS_WITH(matmul(a, a), doctest::Contains("(2, 3) and (2, 3)"));
  CHECK_THROWS_AS(matmul(a, random(Element::kFloat32, {}, 1)), cne::ShapeError);
  const auto batch = [](int64_t count) { return random(Element::kFloat32, {count, 3, 3}, 1); };
  CHECK_THROWS_WITH_AS(matmul(batch(2), batch(4)),
                       "matmul: the batches of (2, 3, 3) and (4, 3, 3) cannot be broadcast",
                       cne::ShapeError);
  const Array b = random(Element::kFloat32, {3, 4}, 1);
  CHECK_THROWS_AS(matmul_bias(a, b, random(Element::kFloat32, {3}, 1)), cne::ShapeError);
  CHECK_THROWS_AS(matmul_bias(a, b, random(Element::kFloat32, {1, 4}, 1)), cne::ShapeError);
  CHECK_THROWS_AS(matmul_bias(a, b, random(Element::kFloat64, {4}, 1)), cne::TypeError);
}
