#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "arrays.h"
#include "core/error.h"
#include "tensor/device_top_k.h"
#include "tensor/top_k.h"

using namespace cne;
using namespace cne::tensor;

namespace {

/// Whether a device's choice is the CPU's, bit for bit.
template <typename T, typename Draw>
bool is_equal(Element element, int64_t count, int64_t length, int64_t k, bool largest,
              const Draw& draw) {
  Array rows = Array::empty({element, {count, length}, {}});
  for (int64_t i = 0; i < rows.size(); ++i) rows.mutable_as<T>()[i] = draw();
  const TopK want = top_k(rows, k, 1, largest);
  std::vector<T> values(static_cast<size_t>(count * k));
  std::vector<int64_t> places(values.size(), -1);
  device_top_k({}, element, rows.as<T>(), count, length, k, largest, values.data(), places.data());
  for (size_t i = 0; i < values.size(); ++i)
    if (places[i] != want.indices.as<int64_t>()[i] ||
        std::memcmp(&values[i], want.values.as<T>() + i, sizeof(T)) != 0)
      return false;
  return true;
}

}  // namespace

TEST_CASE("a device's top_k has the order and the places of the CPU's") {
  std::mt19937 random(21);
  std::normal_distribution<float> normal;
  const auto special = [&] {  // many equal ones, both zeros, infinities and NaNs
    const float of[] = {0.0F, -0.0F, 1, -1, INFINITY, -INFINITY, NAN, normal(random)};
    return of[random() % 8];
  };
  for (const int64_t count : {0, 1, 3})
    for (const int64_t length : {1, 2, 255, 256, 1000, 5000})
      for (const int64_t k : {0, 1, 5, 100, 1024})
        for (const bool largest : {true, false}) {
          if (k > length) continue;
          CAPTURE(length);
          CAPTURE(k);
          CHECK(is_equal<float>(Element::kFloat32, count, length, k, largest,
                                [&] { return normal(random); }));
          CHECK(is_equal<float>(Element::kFloat32, count, length, k, largest, special));
          CHECK(is_equal<Half>(Element::kFloat16, count, length, k, largest,
                               [&] { return to_half(special()); }));
          CHECK(is_equal<BFloat16>(Element::kBFloat16, count, length, k, largest,
                                   [&] { return to_bfloat16(normal(random)); }));
          CHECK(is_equal<double>(Element::kFloat64, count, length, k, largest,
                                 [&] { return double{normal(random)}; }));
          CHECK(is_equal<int64_t>(Element::kInt64, count, length, k, largest,
                                  [&] { return static_cast<int64_t>(random() % 50) - 25; }));
          CHECK(is_equal<int32_t>(Element::kInt32, count, length, k, largest, [] { return 7; }));
        }
}

TEST_CASE("a device's top_k tells what does not fit") {
  const Device device;
  CHECK_THROWS_WITH_AS(
      device_top_k(device, Element::kFloat32, nullptr, 1, 2000, 1025, true, nullptr, nullptr),
      "top_k: expected a number from 0 to 1024, got 1025", ArgumentError);
  CHECK_THROWS_WITH_AS(
      device_top_k(device, Element::kInt8, nullptr, 1, 20, 2, true, nullptr, nullptr),
      "top_k: expected floats, int32 or int64 on a device, got int8", TypeError);
}
