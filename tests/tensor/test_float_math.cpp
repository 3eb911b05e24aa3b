#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include "tensor/arc_math.h"
#include "tensor/element.h"
#include "tensor/elementwise_tile.h"
#include "tensor/erf_math.h"
#include "tensor/exp_math.h"
#include "tensor/hyperbolic_math.h"
#include "tensor/log_math.h"
#include "tensor/power_math.h"
#include "tensor/quotient_math.h"
#include "tensor/trig_math.h"

// The tests compile the functions for the plain processor, and for AVX2 by name, and compare with
// what the tiles give, which choose by the processor that runs.

namespace cne::tensor {

namespace {

template <typename T>
std::vector<T> sample(unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<T> out = {T(0),
                        -T(0),
                        FloatFormat<T>::kInfinity,
                        -FloatFormat<T>::kInfinity,
                        FloatFormat<T>::kNan,
                        std::numeric_limits<T>::max(),
                        std::numeric_limits<T>::denorm_min(),
                        T(1),
                        T(-1)};
  while (out.size() < 5000) {
    const double unit = static_cast<double>(random()) * 0x1p-63 - 1;
    out.push_back(static_cast<T>(unit));
    out.push_back(static_cast<T>(unit * 20));
    out.push_back(static_cast<T>(unit * 1000));
    out.push_back(std::bit_cast<T>(static_cast<UIntOf<T>>(random())));
  }
  return out;
}

template <typename T, auto kFunction>
[[gnu::noinline]] void plainly(const T* a, const T*, T* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = kFunction(a[i]);
}
template <typename T, auto kFunction>
[[gnu::noinline]] void plainly_of_two(const T* a, const T* b, T* out, size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = kFunction(a[i], b[i]);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(CNE_SANITIZED)
template <typename T, auto kFunction>
[[gnu::noinline, gnu::target("arch=x86-64-v3")]] void by_avx2(const T* a, const T*, T* out,
                                                              size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = kFunction(a[i]);
}
template <typename T, auto kFunction>
[[gnu::noinline, gnu::target("arch=x86-64-v3")]] void by_avx2_of_two(const T* a, const T* b, T* out,
                                                                     size_t n) {
  for (size_t i = 0; i < n; ++i) out[i] = kFunction(a[i], b[i]);
}
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#else
template <typename T, auto kFunction>
constexpr auto by_avx2 = plainly<T, kFunction>;
template <typename T, auto kFunction>
constexpr auto by_avx2_of_two = plainly_of_two<T, kFunction>;
bool has_avx2() { return false; }
#endif

template <typename T>
using Loop = void (*)(const T*, const T*, T*, size_t);

template <typename T>
void check(ElementOp op, Loop<T> plain, Loop<T> avx2) {
  const std::vector<T> a = sample<T>(1);
  const std::vector<T> b = sample<T>(2);
  std::vector<T> tile(a.size());
  std::vector<T> other(a.size());
  const void* in[] = {a.data(), b.data()};
  run_tile(op, sizeof(T) == 4 ? Element::kFloat32 : Element::kFloat64, in, tile.data(),
           static_cast<int64_t>(a.size()));
  CAPTURE(name_of(op));
  const auto is_same = [&] {
    for (size_t i = 0; i < a.size(); ++i)
      if (bits_of(tile[i]) != bits_of(other[i]) && (tile[i] == tile[i] || other[i] == other[i]))
        return false;
    return true;
  };
  plain(a.data(), b.data(), other.data(), a.size());
  CHECK(is_same());
  if (!has_avx2()) return;
  avx2(a.data(), b.data(), other.data(), a.size());
  CHECK(is_same());
}

template <typename T, auto kFunction>
void check_one(ElementOp op) {
  check<T>(op, plainly<T, kFunction>, by_avx2<T, kFunction>);
}
template <typename T, auto kFunction>
void check_two(ElementOp op) {
  check<T>(op, plainly_of_two<T, kFunction>, by_avx2_of_two<T, kFunction>);
}

template <typename T>
void check_all() {
  check_one<T, any_exp<T>>(ElementOp::kExp);
  check_one<T, any_expm1<T>>(ElementOp::kExpm1);
  check_one<T, any_sigmoid<T>>(ElementOp::kSigmoid);
  check_one<T, any_tanh<T>>(ElementOp::kTanh);
  check_one<T, any_sinh<T>>(ElementOp::kSinh);
  check_one<T, any_cosh<T>>(ElementOp::kCosh);
  check_one<T, any_erf<T>>(ElementOp::kErf);
  check_one<T, any_erfc<T>>(ElementOp::kErfc);
  check_one<T, any_log<T>>(ElementOp::kLog);
  check_one<T, any_log1p<T>>(ElementOp::kLog1p);
  check_one<T, any_log2<T>>(ElementOp::kLog2);
  check_one<T, any_log10<T>>(ElementOp::kLog10);
  check_one<T, any_asinh<T>>(ElementOp::kAsinh);
  check_one<T, any_acosh<T>>(ElementOp::kAcosh);
  check_one<T, any_atanh<T>>(ElementOp::kAtanh);
  check_one<T, any_sin<T>>(ElementOp::kSin);
  check_one<T, any_cos<T>>(ElementOp::kCos);
  check_one<T, any_tan<T>>(ElementOp::kTan);
  check_one<T, any_asin<T>>(ElementOp::kAsin);
  check_one<T, any_acos<T>>(ElementOp::kAcos);
  check_one<T, any_atan<T>>(ElementOp::kAtan);
  check_two<T, any_power<T>>(ElementOp::kPower);
  check_two<T, any_atan2<T>>(ElementOp::kAtan2);
  check_two<T, any_hypot<T>>(ElementOp::kHypot);
  check_two<T, any_log_add_exp<T>>(ElementOp::kLogAddExp);
}

}  // namespace

TEST_CASE("functions of floats have the same bits on every processor") {
  check_all<float>();
  check_all<double>();
}

TEST_CASE("angles of any size are reduced exactly") {
  // The double that is next to a multiple of pi/2 (Muller, Elementary Functions), and -1e6.
  const LargeAngle near = large_angle(0x1.6ac5b262ca1ffp+849);
  CHECK(near.r == 4.6871659242546276111e-19);
  CHECK(near.n == 1);
  const LargeAngle million = large_angle(-1e6);
  CHECK(million.r == 0.35756416708573504402);
  CHECK(million.n == 0);
  CHECK(std::isnan(large_angle(FloatFormat<double>::kInfinity).r));
}

TEST_CASE("one element for all is as an array of it") {
  const std::vector<float> a = sample<float>(3);
  const std::vector<float> full(a.size(), 1.25F);
  const auto n = static_cast<int64_t>(a.size());
  for (int i = static_cast<int>(kFirstBinary); i < kElementOps; ++i) {
    const auto op = static_cast<ElementOp>(i);
    if (!takes(op, Element::kFloat32)) continue;
    CAPTURE(name_of(op));
    std::vector<float> expected(a.size());
    std::vector<float> got(a.size());
    const auto bytes = a.size() * size_of(result_of(op, Element::kFloat32));
    const void* first[] = {full.data(), a.data()};
    run_tile(op, Element::kFloat32, first, expected.data(), n);
    run_tile(op, Element::kFloat32, first, Sides::kFirstIsOne, got.data(), n);
    CHECK(std::memcmp(got.data(), expected.data(), bytes) == 0);
    const void* second[] = {a.data(), full.data()};
    run_tile(op, Element::kFloat32, second, expected.data(), n);
    run_tile(op, Element::kFloat32, second, Sides::kSecondIsOne, got.data(), n);
    CHECK(std::memcmp(got.data(), expected.data(), bytes) == 0);
  }
}

}  // namespace cne::tensor
