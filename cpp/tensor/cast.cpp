#include <cmath>
#include <complex>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

template <typename T>
struct IsComplex : std::false_type {};
template <typename T>
struct IsComplex<std::complex<T>> : std::true_type {};

/// A stored element as a number that arithmetic is done with.
template <typename T>
[[gnu::always_inline]] inline auto load(T value) {
  if constexpr (std::is_same_v<T, Bool>)
    return value.byte;
  else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return to_float(value);
  else
    return value;
}

template <typename To, typename From>
[[gnu::always_inline]] inline To convert(From value) {
  if constexpr (std::is_same_v<To, Bool>) {
    return {static_cast<uint8_t>(value != From{})};
  } else if constexpr (IsComplex<To>::value) {
    using Part = typename To::value_type;
    if constexpr (IsComplex<From>::value)
      return {static_cast<Part>(value.real()), static_cast<Part>(value.imag())};
    else
      return {static_cast<Part>(value), Part{0}};
  } else if constexpr (IsComplex<From>::value) {
    return convert<To>(value.real());
  } else if constexpr (std::is_same_v<To, Half>) {
    return to_half(static_cast<float>(value));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(static_cast<float>(value));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // What is out of range is undefined in C++.
    constexpr auto kLow = static_cast<From>(std::numeric_limits<To>::min());
    constexpr auto kHigh = static_cast<From>(std::numeric_limits<To>::max() / 2 + 1) * 2;
    const From whole = std::trunc(value);
    return whole >= kLow && whole < kHigh ? static_cast<To>(whole) : To{0};
  } else {
    return static_cast<To>(value);
  }
}

template <typename From, typename To>
[[gnu::always_inline]] inline void loop(const void* in, void* out, int64_t n) {
  const From* from = static_cast<const From*>(in);
  To* to = static_cast<To*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(load(from[i]));
}

/// To one of the other types of floats; false for others.
template <typename From>
[[gnu::always_inline]] inline bool cast_from(const void* in, Element to, void* out, int64_t n) {
  switch (to) {
    case Element::kFloat16:
      loop<From, Half>(in, out, n);
      return true;
    case Element::kBFloat16:
      loop<From, BFloat16>(in, out, n);
      return true;
    case Element::kFloat32:
      loop<From, float>(in, out, n);
      return true;
    case Element::kFloat64:
      loop<From, double>(in, out, n);
      return true;
    default:
      return false;
  }
}

/// What is cast most, for several processors: between floats, and numbers to floats.
CNE_MULTIVERSION bool cast_to_float(Element from, const void* in, Element to, void* out,
                                    int64_t n) {
  switch (from) {
    case Element::kFloat16:
      return cast_from<Half>(in, to, out, n);
    case Element::kBFloat16:
      return cast_from<BFloat16>(in, to, out, n);
    case Element::kFloat32:
      return cast_from<float>(in, to, out, n);
    case Element::kFloat64:
      return cast_from<double>(in, to, out, n);
    case Element::kBool:
    case Element::kUInt8:
      return cast_from<uint8_t>(in, to, out, n);
    case Element::kInt32:
      return cast_from<int32_t>(in, to, out, n);
    case Element::kInt64:
      return cast_from<int64_t>(in, to, out, n);
    default:
      return false;
  }
}

}  // namespace

void cast_tile(Element from, const void* in, Element to, void* out, int64_t n) {
  if (from == to) {
    std::memmove(out, in, static_cast<size_t>(n) * size_of(from));
    return;
  }
  if (cast_to_float(from, in, to, out, n)) return;
  with_stored(from, [&](auto a) {
    with_stored(to, [&](auto b) { loop<decltype(a), decltype(b)>(in, out, n); });
  });
}

}  // namespace cne::tensor
