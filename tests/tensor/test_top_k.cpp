// The best elements against the first ones of the sorted row.

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "layouts.h"
#include "tensor/sort.h"
#include "tensor/top_k.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

void check_top_k(const Array& array, int64_t k, int axis, bool largest) {
  const TopK out = top_k(array, k, axis, largest);
  const Array order = slice_axis(argsort(array, axis, largest), axis, 0, 1, k);
  const Array sorted = slice_axis(sort(array, axis, largest), axis, 0, 1, k);
  CHECK(same_elements(out.indices, order));
  CHECK(same_elements(out.values, sorted));
}

}  // namespace

TEST_CASE("top_k: every real type and layout, few and many of a row") {
  for (const Element element : all_elements()) {
    if (is_complex(element)) continue;
    for (const Array& array : layouts(element, {3, 90, 2}, 1, 0, 40))
      for (const bool largest : {false, true}) {
        for (const int64_t k : {0, 1, 2, 10, 80, 90}) check_top_k(array, k, 1, largest);
        check_top_k(array, 2, 0, largest);
        check_top_k(array, 1, -1 + 3, largest);
      }
  }
  for (const int64_t k : {1, 50, 1000})
    check_top_k(sample(Element::kFloat32, {2, 50'000}, 3, -4000, 4000), k, 1, true);
}

TEST_CASE("top_k: NaNs are chosen when nothing else is left") {
  Array array = cast(sample(Element::kInt64, {300}), Element::kFloat32);
  for (int64_t i = 0; i < 300; ++i)
    if (i % 100 != 7) array.mutable_as<float>()[i] = NAN;
  for (const bool largest : {false, true})
    for (const int64_t k : {2, 3, 5, 30}) {
      const TopK out = top_k(array, k, 0, largest);
      CHECK(same_elements(out.indices, slice_axis(argsort(array, 0, largest), 0, 0, 1, k)));
    }
}

TEST_CASE("top_k: wrong use") {
  const Array a = sample(Element::kInt32, {2, 3});
  CHECK_THROWS_AS(top_k(a, 4, 1, true), cne::ArgumentError);
  CHECK_THROWS_AS(top_k(a, -1, 1, true), cne::ArgumentError);
  CHECK_THROWS_AS(top_k(a, 1, 2, true), cne::ArgumentError);
  CHECK_THROWS_AS(top_k(sample(Element::kComplex64, {3}), 1, 0, true), cne::TypeError);
}
