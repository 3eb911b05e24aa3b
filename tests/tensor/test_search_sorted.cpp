// Places in sorted rows against counts of what is smaller.

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "layouts.h"
#include "tensor/search_sorted.h"
#include "tensor/sort.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_search(const Array& sorted, const Array& values, bool right) {
  const Array out = search_sorted(sorted, values, right);
  REQUIRE(out.type() == Type{Element::kInt64, values.shape(), {}});
  const Array row = cast(sorted, Element::kFloat64);
  const Array wanted = cast(values, Element::kFloat64);
  bool same = true;
  each_index(values.shape(), [&](const Dims& index) {
    const auto value = value_at<double>(wanted, index);
    Dims from = sorted.rank() == 1 ? Dims{0} : index;
    int64_t count = 0;
    for (int64_t i = 0; i < sorted.shape().back(); ++i) {
      from[from.size() - 1] = i;
      const auto there = value_at<double>(row, from);
      const bool is_less = there < value || (std::isnan(value) && !std::isnan(there));
      const bool is_same = there == value || (std::isnan(value) && std::isnan(there));
      count += is_less || (right && is_same);
    }
    same &= value_at<int64_t>(out, index) == count;
  });
  CHECK(same);
}

}  // namespace

TEST_CASE("search_sorted: every real type, rows of any length, both sides") {
  for (const Element element : all_elements()) {
    if (is_complex(element)) continue;
    for (const bool right : {false, true}) {
      for (int64_t n = 0; n < 20; ++n)
        check_search(sort(sample(element, {n}, 1, 0, 15), 0, false),
                     sample(element, {3, 17}, 2, 0, 15), right);
      for (const Array& values : layouts(element, {2, 3, 9}, 2, 0, 15)) {
        const Array rows = sort(sample(element, {2, 3, 6}, 1, 0, 15), 2, false);
        check_search(rows, values, right);
        check_search(permute(sort(sample(element, {6, 3, 2}, 1, 0, 15), 0, false), {2, 1, 0}),
                     values, right);
      }
    }
  }
  check_search(sample(Element::kInt32, {0}), sample(Element::kInt32, {}), false);
  check_search(sort(sample(Element::kInt32, {5000}, 1, 0, 9000), 0, false),
               sample(Element::kInt32, {20'000}, 2, 0, 9000), true);
}

TEST_CASE("search_sorted: NaNs are behind all numbers") {
  const auto row = array_of<float>(Element::kFloat32, {5}, {-1, 0, 2, INFINITY, NAN});
  const auto values = array_of<float>(Element::kFloat32, {4}, {NAN, -0.0F, INFINITY, -INFINITY});
  check_search(row, values, false);
  check_search(row, values, true);
}

TEST_CASE("search_sorted: wrong use") {
  const Array a = sample(Element::kInt32, {2, 3});
  CHECK_THROWS_AS(search_sorted(a, sample(Element::kInt64, {2, 3}), false), cne::TypeError);
  CHECK_THROWS_AS(search_sorted(a, sample(Element::kInt32, {3, 3}), false), cne::ShapeError);
  CHECK_THROWS_AS(search_sorted(a, sample(Element::kInt32, {}), false), cne::ShapeError);
  CHECK_THROWS_AS(search_sorted(sample(Element::kInt32, {}), a, false), cne::ShapeError);
  const Array c = sample(Element::kComplex64, {3});
  CHECK_THROWS_AS(search_sorted(c, c, false), cne::TypeError);
}
