// Different elements against a list that is gone through for each element.

#include <doctest/doctest.h>

#include <cmath>
#include <complex>
#include <vector>

#include "layouts.h"
#include "tensor/sort.h"
#include "tensor/unique.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

using Number = std::complex<double>;

void check_unique(const Array& array) {
  const Unique out = unique(array);
  const Array wide = reshape(cast(array, Element::kComplex128), {array.size()});
  std::vector<Number> seen;
  std::vector<int64_t> firsts;
  std::vector<int64_t> counts;
  for (int64_t i = 0; i < wide.size(); ++i) {
    const auto value = value_at<Number>(wide, {i});
    size_t at = 0;
    while (at < seen.size() && seen[at] != value) ++at;
    if (at == seen.size()) {
      seen.push_back(value);
      firsts.push_back(i);
      counts.push_back(0);
    }
    ++counts[at];
  }
  const auto count = static_cast<int64_t>(seen.size());
  REQUIRE(out.values.type() == Type{array.element(), {count}, {}});
  REQUIRE(out.inverse.type() == Type{Element::kInt64, array.shape(), {}});
  CHECK(same_elements(unique_values(array), out.values));
  CHECK(same_elements(sort(out.values, 0, false), out.values));
  bool same = true;
  const Array line = reshape(array, {array.size()});
  for (int64_t i = 0; i < count; ++i) {
    const auto first = value_at<int64_t>(out.indices, {i});
    size_t at = 0;
    while (at < firsts.size() && firsts[at] != first) ++at;
    REQUIRE(at < firsts.size());
    same &= value_at<int64_t>(out.counts, {i}) == counts[at];
    same &= std::memcmp(testing::at(out.values, {i}), testing::at(line, {first}),
                        size_of(array.element())) == 0;
  }
  const Array values = cast(out.values, Element::kComplex128);
  const Array inverse = reshape(out.inverse, {array.size()});
  for (int64_t i = 0; i < array.size(); ++i) {
    const auto a = value_at<Number>(values, {value_at<int64_t>(inverse, {i})});
    const auto b = value_at<Number>(wide, {i});
    same &= a == b || (a != a && b != b);
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("unique: every type and layout") {
  for (const Element element : all_elements()) {
    for (const Array& array : layouts(element, {3, 4, 9}, 1, 0, 30)) check_unique(array);
    check_unique(sample(element, {}));
    check_unique(sample(element, {2, 0}));
  }
}

TEST_CASE("unique: zeros of both signs are one element, and each NaN is one") {
  const std::vector<double> values = {0.0, NAN, -0.0, 1, NAN, -0.0, 1, 0.0};
  for (const Element element : all_elements())
    if (is_inexact(element)) {
      const Array array = cast(array_of(Element::kFloat64, {8}, values), element);
      check_unique(array);
      CHECK(unique(array).values.size() == 4);
    }
}
