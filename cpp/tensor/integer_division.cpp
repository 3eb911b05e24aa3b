#include "tensor/integer_division.h"

#include <algorithm>
#include <type_traits>

#include "core/simd.h"
#include "tensor/elementwise_math.h"
#include "tensor/float_math.h"

// Quotients of integers by division of floats, which processors have vectors of. With |a| and |b|
// below 2^p / 2 for p digits of a float, a / b is a whole number or further from the next one than
// it can be rounded: floor(a / b) is exact, and so is what is left, a - b floor(a / b).

namespace cne::tensor {

namespace {

/// The float that division is done in.
template <typename T>
using Divided = std::conditional_t<sizeof(T) <= 2, float, double>;

/// Integers of 64 bits below this are exact as float64 by an addition to its bits.
constexpr int64_t kBound = int64_t{1} << 51;

template <typename T>
[[gnu::always_inline]] inline Divided<T> to_divided(T value) {
  if constexpr (sizeof(T) == 8) {
    const auto bits =
        static_cast<uint64_t>(value) + static_cast<uint64_t>(bits_of(FloatFormat<double>::kWhole));
    return of_bits<double>(static_cast<int64_t>(bits)) - FloatFormat<double>::kWhole;
  } else {
    return static_cast<Divided<T>>(value);
  }
}

template <typename T>
[[gnu::always_inline]] inline T from_divided(Divided<T> value) {
  if constexpr (sizeof(T) == 8)
    return static_cast<T>(bits_of(value + FloatFormat<double>::kWhole) -
                          bits_of(FloatFormat<double>::kWhole));
  else if constexpr (sizeof(T) == 4)  // -2^31 / -1 is 2^31, which wraps around
    return static_cast<T>(bits_of(value + FloatFormat<double>::kWhole));
  else
    return static_cast<T>(static_cast<int32_t>(value));
}

template <typename T>
[[gnu::always_inline]] inline T quotient_of(T a, T b) {
  const Divided<T> whole = std::floor(to_divided(a) / to_divided(b == 0 ? T{1} : b));
  return b == 0 ? T{0} : from_divided<T>(whole);
}
template <typename T>
[[gnu::always_inline]] inline T rest_of(T a, T b) {
  const Divided<T> x = to_divided(a);
  const Divided<T> y = to_divided(b == 0 ? T{1} : b);
  const T rest = from_divided<T>(x - std::floor(x / y) * y);
  return b == 0 ? T{0} : rest;
}

/// Whether all numbers of 64 bits are below kBound.
template <typename T>
[[gnu::always_inline]] inline bool are_short(const T* a, int64_t n) {
  uint64_t any = 0;
  for (int64_t i = 0; i < n; ++i)
    any |= std::is_signed_v<T> ? static_cast<uint64_t>(a[i]) + kBound : static_cast<uint64_t>(a[i]);
  return any < static_cast<uint64_t>(std::is_signed_v<T> ? 2 * kBound : kBound);
}

/// In blocks, each of which is divided as floats if all of its numbers are short enough.
template <typename T, typename Short, typename Long>
[[gnu::always_inline]] inline void in_blocks(const void* const* in, void* out, int64_t n,
                                             Short by_floats, Long one_by_one) {
  constexpr int64_t kBlock = 512;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const T* a = static_cast<const T*>(in[0]) + begin;
    const T* b = static_cast<const T*>(in[1]) + begin;
    T* to = static_cast<T*>(out) + begin;
    const int64_t count = std::min(kBlock, n - begin);
    if (sizeof(T) < 8 || (are_short(a, count) && are_short(b, count))) {
#pragma GCC ivdep
      for (int64_t i = 0; i < count; ++i) to[i] = by_floats(a[i], b[i]);
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = one_by_one(a[i], b[i]);
    }
  }
}

template <typename T>
[[gnu::always_inline]] inline void divide(bool rest, const void* const* in, void* out, int64_t n) {
  if (rest)
    in_blocks<T>(
        in, out, n, [](T a, T b) { return rest_of(a, b); },
        [](T a, T b) { return integer_remainder(a, b); });
  else
    in_blocks<T>(
        in, out, n, [](T a, T b) { return quotient_of(a, b); },
        [](T a, T b) { return integer_floor_divide(a, b); });
}

}  // namespace

CNE_MULTIVERSION void divide_integers(int8_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<int8_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(int16_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<int16_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(int32_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<int32_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(int64_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<int64_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(uint8_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<uint8_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(uint16_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<uint16_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(uint32_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<uint32_t>(rest, in, out, n);
}
CNE_MULTIVERSION void divide_integers(uint64_t, bool rest, const void* const* in, void* out,
                                      int64_t n) {
  divide<uint64_t>(rest, in, out, n);
}

}  // namespace cne::tensor
