#include <algorithm>

#include "tensor/arc_math.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/power_math.h"
#include "tensor/quotient_math.h"

namespace cne::tensor {

namespace {

/// By blocks: by `plain` where all quotients are, else one by one.
template <typename T, auto kPlain, auto kAny>
[[gnu::always_inline]] inline void quotients(const void* const* in, void* out, int64_t n) {
  constexpr int64_t kBlock = 256;
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  T* to = static_cast<T*>(out);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = std::min(n, begin + kBlock);
    IntOf<T> others = 0;
    for (int64_t i = begin; i < end; ++i) others |= is_plain_quotient(a[i], b[i]) ? 0 : 1;
    if (others == 0) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) to[i] = kPlain(a[i], b[i]);
    } else {
      for (int64_t i = begin; i < end; ++i)
        to[i] = is_plain_quotient(a[i], b[i]) ? kPlain(a[i], b[i]) : kAny(a[i], b[i]);
    }
  }
}

/// Of one exponent for all, as most are, what is common to it; any_power gives the same.
template <typename T>
[[gnu::always_inline]] inline void powers(const void* const* in, void* out, int64_t n) {
  const T* b = static_cast<const T*>(in[1]);
  const T first = b[0];
  IntOf<T> others = 0;
  if (first == T{3} || first == T{0.5})
    for (int64_t i = 0; i < n; ++i) others |= b[i] == first ? 0 : 1;
  if (others != 0) return pairs_by<T, any_power<T>>(in, out, n);
  if (first == T{3}) return each_by<T, cube<T>>(in, out, n);
  if (first == T{0.5}) return each_by<T, root_power<T>>(in, out, n);
  pairs_by<T, any_power<T>>(in, out, n);
}

template <typename T>
[[gnu::always_inline]] inline bool power(ElementOp op, const void* const* in, void* out,
                                         int64_t n) {
  switch (op) {
    case ElementOp::kPower:
      powers<T>(in, out, n);
      return true;
    case ElementOp::kAtan2:
      pairs_by<T, any_atan2<T>>(in, out, n);
      return true;
    case ElementOp::kHypot:
      pairs_by<T, any_hypot<T>>(in, out, n);
      return true;
    case ElementOp::kLogAddExp:
      pairs_by<T, any_log_add_exp<T>>(in, out, n);
      return true;
    case ElementOp::kFloorDivide:
      quotients<T, plain_floor_divide<T>, any_floor_divide<T>>(in, out, n);
      return true;
    case ElementOp::kRemainder:
      quotients<T, plain_remainder<T>, any_remainder<T>>(in, out, n);
      return true;
    default:
      return false;
  }
}

CNE_MULTIVERSION bool power_float32(ElementOp op, const void* const* in, void* out, int64_t n) {
  return power<float>(op, in, out, n);
}
CNE_MULTIVERSION bool power_float64(ElementOp op, const void* const* in, void* out, int64_t n) {
  return power<double>(op, in, out, n);
}

}  // namespace

bool run_power_tile(ElementOp op, Element element, const void* const* in, void* out, int64_t n) {
  return element == Element::kFloat32 ? power_float32(op, in, out, n)
                                      : power_float64(op, in, out, n);
}

}  // namespace cne::tensor
