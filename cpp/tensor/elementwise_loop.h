#pragma once

#include <cstdint>

#include "core/simd.h"

namespace cne::tensor {

// Loops of tiles. They are inlined into functions that CNE_MULTIVERSION compiles for several
// processors, so that all of a type's operations are one function.

template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void each(const void* const* in, void* out, int64_t n, F f) {
  const T* a = static_cast<const T*>(in[0]);
  R* to = static_cast<R*>(out);
  for (int64_t i = 0; i < n; ++i) to[i] = f(a[i]);
}

template <typename T, typename R, typename F>
[[gnu::always_inline]] inline void pairs(const void* const* in, void* out, int64_t n, F f) {
  const T* a = static_cast<const T*>(in[0]);
  const T* b = static_cast<const T*>(in[1]);
  R* to = static_cast<R*>(out);
  for (int64_t i = 0; i < n; ++i) to[i] = f(a[i], b[i]);
}

}  // namespace cne::tensor
