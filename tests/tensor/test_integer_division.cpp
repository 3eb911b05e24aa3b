// Vectors of quotients and what is left against the division of single integers.

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "core/integer_math.h"
#include "layouts.h"
#include "tensor/integer_division.h"

using namespace cne::tensor;
using cne::tensor::testing::next_random;

namespace {

/// Numbers of every length, of both signs, and next to those that floats have no digits for.
template <typename T>
std::vector<T> numbers(int64_t n, int bits) {
  std::vector<T> out;
  uint64_t state = static_cast<uint64_t>(n + bits);
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t number = next_random(state) >> (64 - 1 - next_random(state) % bits);
    out.push_back(static_cast<T>(next_random(state) % 2 == 0 ? number : 0 - number));
    if (i % 7 == 0) out.back() = static_cast<T>(static_cast<int64_t>(next_random(state) % 5) - 2);
  }
  return out;
}

template <typename T>
void check_pairs(const std::vector<T>& a, const std::vector<T>& b) {
  const auto n = static_cast<int64_t>(a.size());
  const void* const in[] = {a.data(), b.data()};
  std::vector<T> quotients(a.size());
  std::vector<T> rests(a.size());
  divide_integers(T{}, false, in, quotients.data(), n);
  divide_integers(T{}, true, in, rests.data(), n);
  bool same = true;
  for (size_t i = 0; i < a.size(); ++i) {
    same &= quotients[i] == cne::integer_floor_divide(a[i], b[i]);
    same &= rests[i] == cne::integer_remainder(a[i], b[i]);
  }
  CHECK(same);
}

template <typename T>
void check_type() {
  constexpr int kBits = 8 * sizeof(T);
  for (const int bits : {kBits, std::min(kBits, 51), std::min(kBits, 20)})
    for (const int64_t n : {0, 1, 7, 512, 3001})
      check_pairs(numbers<T>(n, bits), numbers<T>(n, std::max(bits / 2, 1)));
  // Products of whole numbers, and next to them.
  std::vector<T> a;
  std::vector<T> b;
  for (const T divisor : numbers<T>(400, kBits / 2))
    for (const T times : numbers<T>(20, std::min(kBits, 51) - kBits / 2))
      for (const int near : {-1, 0, 1}) {
        a.push_back(static_cast<T>(static_cast<uint64_t>(divisor) * static_cast<uint64_t>(times) +
                                   static_cast<uint64_t>(near)));
        b.push_back(divisor);
      }
  check_pairs(a, b);
  const T edges[] = {std::numeric_limits<T>::min(),
                     std::numeric_limits<T>::max(),
                     static_cast<T>(-1),
                     0,
                     1,
                     3,
                     static_cast<T>((int64_t{1} << 51) - 1),
                     static_cast<T>(int64_t{1} << 51),
                     static_cast<T>(-(int64_t{1} << 51)),
                     static_cast<T>((int64_t{1} << 51) + 1)};
  for (const T x : edges)
    for (const T y : edges) check_pairs(std::vector<T>{x}, std::vector<T>{y});
}

}  // namespace

TEST_CASE("integer_division: as that of single integers, of every type") {
  check_type<int8_t>();
  check_type<int16_t>();
  check_type<int32_t>();
  check_type<int64_t>();
  check_type<uint8_t>();
  check_type<uint16_t>();
  check_type<uint32_t>();
  check_type<uint64_t>();
}
