#pragma once

#include <algorithm>
#include <cstdint>

#include "core/simd.h"
#include "tensor/elementwise_tile.h"

namespace cne::tensor {

// Loops of tiles. They are inlined into functions that CNE_MULTIVERSION compiles for several
// processors, so that all of a type's operations are one function. The output may be an input:
// elements depend on those at their own place only, which the pragma tells the compiler.

template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void each(const void* const* in, void* out, int64_t n, F f) {
  const T* a = static_cast<const T*>(in[0]);
  R* to = static_cast<R*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = f(a[i]);
}

/// As `each` by a function, which is inlined however long it is.
template <typename T, auto kFunction>
[[gnu::always_inline]] inline void each_by(const void* const* in, void* out, int64_t n) {
  const T* a = static_cast<const T*>(in[0]);
  T* to = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = kFunction(a[i]);
}

/// As `each_by` in blocks: kPlain where kSpecial is not negative for any element of a block, else
/// kAny, which gives the same for those that are not special.
template <typename T, auto kSpecial, auto kPlain, auto kAny>
[[gnu::always_inline]] inline void each_by(const void* const* in, void* out, int64_t n) {
  constexpr int64_t kBlock = 512;
  const T* a = static_cast<const T*>(in[0]);
  T* to = static_cast<T*>(out);
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = std::min(n, begin + kBlock);
    decltype(kSpecial(T{})) special = 0;
    for (int64_t i = begin; i < end; ++i) special |= kSpecial(a[i]);
    if (special >= 0) {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) to[i] = kPlain(a[i]);
    } else {
#pragma GCC ivdep
      for (int64_t i = begin; i < end; ++i) to[i] = kAny(a[i]);
    }
  }
}

template <typename T, auto kFunction>
[[gnu::always_inline]] inline void pairs_by(const void* const* in, void* out, int64_t n) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  T* to = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = kFunction(a[i], b[i]);
}

template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void pairs(const void* const* in, void* out, int64_t n, F f) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  R* to = static_cast<R*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = f(a[i], b[i]);
}

/// As `pairs`, where the second input may be one element for all.
template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void pairs_or_one(const void* const* in, Sides sides, void* out,
                                                int64_t n, F f) {
  if (sides == Sides::kArrays) return pairs<T, R>(in, out, n, f);
  const T number = *static_cast<const T*>(in[1]);
  each<T, R>(in, out, n, [f, number](T a) { return f(a, number); });
}

/// As `pairs`, where either may be one element.
template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void pairs_or_any_one(const void* const* in, Sides sides, void* out,
                                                    int64_t n, F f) {
  if (sides != Sides::kFirstIsOne) return pairs_or_one<T, R>(in, sides, out, n, f);
  const T number = *static_cast<const T*>(in[0]);
  each<T, R>(in + 1, out, n, [f, number](T b) { return f(number, b); });
}

}  // namespace cne::tensor
