// Sorted arrays against std::stable_sort of each row.

#include <doctest/doctest.h>

#include <algorithm>
#include <complex>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "layouts.h"
#include "tensor/sort.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

using Number = std::complex<double>;

/// Whether `a` goes before `b`: NaNs are behind all, of complex numbers the real part comes first.
bool goes_before(Number a, Number b, bool descending) {
  const bool a_nan = a != a;
  const bool b_nan = b != b;
  if (a_nan || b_nan) return !a_nan && b_nan;
  if (a.real() != b.real()) return descending ? a.real() > b.real() : a.real() < b.real();
  return descending ? a.imag() > b.imag() : a.imag() < b.imag();
}

/// The place of each element of the result along an axis.
std::vector<int64_t> expected_order(const Array& wide, Dims index, int axis, bool descending) {
  std::vector<int64_t> out(static_cast<size_t>(wide.shape()[axis]));
  std::iota(out.begin(), out.end(), 0);
  const auto value = [&](int64_t place) {
    index[axis] = place;
    return value_at<Number>(wide, index);
  };
  std::stable_sort(out.begin(), out.end(), [&](int64_t a, int64_t b) {
    return goes_before(value(a), value(b), descending);
  });
  return out;
}

void check_sort(const Array& array, int axis, bool descending) {
  const Array wide = cast(array, Element::kComplex128);
  const Array order = argsort(array, axis, descending);
  const Array out = sort(array, axis, descending);
  const Array payload = sample(Element::kInt16, array.shape(), 5);
  const auto pair = sort(std::vector{array, payload}, axis, descending);
  REQUIRE(order.type() == Type{Element::kInt64, array.shape(), {}});
  REQUIRE(out.type() == array.type());
  CHECK(same_elements(pair[0], out));
  bool same = true;
  each_index(array.shape(), [&](Dims index) {
    if (index[axis] != 0) return;
    const auto places = expected_order(wide, index, axis, descending);
    for (int64_t i = 0; i < array.shape()[axis]; ++i) {
      Dims from = index;
      index[axis] = i;
      from[axis] = places[static_cast<size_t>(i)];
      same &= value_at<int64_t>(order, index) == from[axis];
      same &= std::memcmp(at(out, index), at(array, from), size_of(array.element())) == 0;
      same &= std::memcmp(at(pair[1], index), at(payload, from), 2) == 0;
    }
  });
  CHECK(same);
}

/// A row with all that is special about a type of floats.
Array special(Element element) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> values = {0.0, nan,  -0.0, 1.5, inf, -nan, -0.0, 0.0,  -inf,
                                      2.0, -0.0, nan,  -1,  0.0, -2.5, 1e-7, -1e-7};
  return cast(array_of(Element::kFloat64, {static_cast<int64_t>(values.size())}, values), element);
}

}  // namespace

TEST_CASE("sort: every type and layout along each axis") {
  for (const Element element : all_elements())
    for (const Array& array : layouts(element, {4, 37, 3}, 1, 0, 20))
      for (int axis = 0; axis < 3; ++axis)
        for (const bool descending : {false, true}) check_sort(array, axis, descending);
  for (const Dims& shape : {Dims{0}, Dims{1}, Dims{3, 0}, Dims{0, 3}})
    check_sort(sample(Element::kFloat32, shape), 0, false);
}

TEST_CASE("sort: NaNs are last, zeros of both signs keep their order") {
  for (const Element element : all_elements())
    if (is_inexact(element))
      for (const bool descending : {false, true}) check_sort(special(element), 0, descending);
}

TEST_CASE("sort: 64-bit numbers of which the upper bits are the same, or the lower ones") {
  for (const int shift : {0, 20, 40}) {
    Array array = Array::empty({Element::kInt64, {3000}, {}});
    uint64_t state = 7;
    for (int64_t i = 0; i < 3000; ++i)
      array.mutable_as<int64_t>()[i] = static_cast<int64_t>(next_random(state) % 50) << shift;
    for (int64_t i = 0; i < 30; ++i)
      array.mutable_as<int64_t>()[i * 100] =
          static_cast<int64_t>(next_random(state) >> 12) - (1 << 30);
    // Within 52 bits, so that the reference in float64 is exact.
    check_sort(array, 0, false);
    check_sort(array, 0, true);
    check_sort(cast(array, Element::kFloat64), 0, false);
  }
  const Array ends = array_of<int64_t>(Element::kInt64, {3}, {INT64_MAX, INT64_MIN, 0});
  const Array order = argsort(ends, 0, false);
  CHECK(same_elements(order, array_of<int64_t>(Element::kInt64, {3}, {1, 2, 0})));
}

TEST_CASE("sort: 64-bit numbers with one far away, the largest ones, and NaNs") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Array numbers = sample(Element::kFloat64, {2000}, 4, -20, 20);  // many are equal
  Array whole = Array::empty({Element::kInt64, {2000}, {}});
  for (int64_t i = 0; i < 2000; ++i) {
    double& number = numbers.mutable_as<double>()[i];
    number += i % 3 == 0 ? 1e-14 : 0;
    if (i % 100 == 7) number = nan;
    whole.mutable_as<int64_t>()[i] = i % 5 == 0 ? INT64_MAX : INT64_MIN + i % 7;
  }
  numbers.mutable_as<double>()[50] = 1e300;
  check_sort(numbers, 0, false);
  check_sort(numbers, 0, true);
  for (const bool descending : {false, true}) {
    std::vector<int64_t> order(2000);
    std::iota(order.begin(), order.end(), 0);
    const int64_t* values = whole.as<int64_t>();
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return descending ? values[a] > values[b] : values[a] < values[b];
    });
    CHECK(same_elements(argsort(whole, 0, descending), array_of(Element::kInt64, {2000}, order)));
  }
}

TEST_CASE("sort: many numbers of 16 bits, and special ones among them") {
  for (const Element element : {Element::kInt16, Element::kFloat16, Element::kBool}) {
    Array array = sample(element, {20'000}, 6, -100, 1000);
    if (element == Element::kFloat16)
      for (int64_t i = 0; i < 20'000; i += 9)  // NaN, -NaN, -0
        array.mutable_as<uint16_t>()[i] = i % 2 == 0 ? 0x8000 : (i % 3 == 0 ? 0x7e00 : 0xfe00);
    for (const bool descending : {false, true}) check_sort(array, 0, descending);
  }
}

TEST_CASE("sort: long rows on any number of threads") {
  const int usual = cne::num_threads();
  for (const Element element : {Element::kInt8, Element::kFloat32, Element::kFloat64})
    for (const int threads : {1, 2}) {
      cne::set_num_threads(threads);
      check_sort(sample(element, {1, 140'000}, 3, -100, 1000), 1, threads == 2);
    }
  cne::set_num_threads(usual);
}

TEST_CASE("sort: wrong use") {
  const Array a = sample(Element::kInt32, {2, 3});
  CHECK_THROWS_AS(sort(a, 2, false), cne::ArgumentError);
  CHECK_THROWS_AS(argsort(sample(Element::kInt32, {}), 0, false), cne::ArgumentError);
  CHECK_THROWS_AS(sort(std::span<const Array>(), 0, false), cne::ArgumentError);
  CHECK_THROWS_AS(sort(std::vector{a, sample(Element::kInt32, {3, 2})}, 0, false), cne::ShapeError);
}
