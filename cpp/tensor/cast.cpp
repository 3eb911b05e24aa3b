#include <cstring>

#include "core/simd.h"
#include "tensor/cast_math.h"
#include "tensor/element_dispatch.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

namespace {

template <typename From, typename To>
[[gnu::always_inline]] inline void loop(const void* in, void* out, int64_t n) {
  const From* from = static_cast<const From*>(in);
  To* to = static_cast<To*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(load(from[i]));
}

/// To a float or a bool; false for others.
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
    case Element::kBool:
      loop<From, Bool>(in, out, n);
      return true;
    default:
      return false;
  }
}

/// To an integer; false for others.
template <typename From>
[[gnu::always_inline]] inline bool cast_to_integer(const void* in, Element to, void* out,
                                                   int64_t n) {
  switch (to) {
    case Element::kInt8:
      loop<From, int8_t>(in, out, n);
      return true;
    case Element::kInt16:
      loop<From, int16_t>(in, out, n);
      return true;
    case Element::kInt32:
      loop<From, int32_t>(in, out, n);
      return true;
    case Element::kInt64:
      loop<From, int64_t>(in, out, n);
      return true;
    case Element::kUInt8:
      loop<From, uint8_t>(in, out, n);
      return true;
    case Element::kUInt16:
      loop<From, uint16_t>(in, out, n);
      return true;
    case Element::kUInt32:
      loop<From, uint32_t>(in, out, n);
      return true;
    case Element::kUInt64:
      loop<From, uint64_t>(in, out, n);
      return true;
    default:
      return false;
  }
}

/// What is cast most, for several processors: between floats, numbers to floats and bools, and
/// floats to integers.
CNE_MULTIVERSION bool cast_often(Element from, const void* in, Element to, void* out, int64_t n) {
  switch (from) {
    case Element::kFloat16:
      return cast_from<Half>(in, to, out, n);
    case Element::kBFloat16:
      return cast_from<BFloat16>(in, to, out, n);
    case Element::kFloat32:
      return cast_from<float>(in, to, out, n) || cast_to_integer<float>(in, to, out, n);
    case Element::kFloat64:
      return cast_from<double>(in, to, out, n) || cast_to_integer<double>(in, to, out, n);
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
  if (cast_often(from, in, to, out, n)) return;
  with_stored(from, [&](auto a) {
    with_stored(to, [&](auto b) { loop<decltype(a), decltype(b)>(in, out, n); });
  });
}

}  // namespace cne::tensor
