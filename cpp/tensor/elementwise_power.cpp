#include <algorithm>

#include "tensor/arc_math.h"
#include "tensor/elementwise_loop.h"
#include "tensor/elementwise_tile.h"
#include "tensor/power_math.h"
#include "tensor/quotient_math.h"

namespace cne::tensor {

namespace {

/// By blocks, where all of one are alike by kPlain, of what kIsPlain is true of, or by kOther.
template <typename T, auto kIsPlain, auto kPlain, auto kOther>
[[gnu::always_inline]] inline void pairs_in_blocks(const void* const* in, void* out, int64_t n) {
  constexpr int64_t kBlock = 256;
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  T* to = static_cast<T*>(out);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = std::min(n, begin + kBlock);
    IntOf<T> plain = 0;
    IntOf<T> others = 0;
    for (int64_t i = begin; i < end; ++i) {
      const bool is_plain = kIsPlain(a[i], b[i]);
      plain |= is_plain ? 1 : 0;
      others |= is_plain ? 0 : 1;
    }
    if (others == 0) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) to[i] = kPlain(a[i], b[i]);
    } else if (plain == 0) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) to[i] = kOther(a[i], b[i]);
    } else {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i)
        to[i] = kIsPlain(a[i], b[i]) ? kPlain(a[i], b[i]) : kOther(a[i], b[i]);
    }
  }
}

template <typename T, auto kPlain, auto kOther>
[[gnu::always_inline]] inline void quotients(const void* const* in, void* out, int64_t n) {
  constexpr auto kIsPlain = [](T a, T b) { return is_plain_quotient(a, b); };
  pairs_in_blocks<T, kIsPlain, kPlain, kOther>(in, out, n);
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
      if constexpr (FloatFormat<T>::kIsDouble)
        pairs_by<T, any_log_add_exp<T>>(in, out, n);
      else
        pairs_in_blocks<T, is_plain_log_add_exp<T>, plain_log_add_exp<T>, wide_log_add_exp<T>>(
            in, out, n);
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
