#pragma once

#include <algorithm>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cne::tensor {

/// `count` elements from places `from_stride` apart to places `to_stride` apart, in elements.
template <typename T>
void copy_run(const T* from, int64_t from_stride, T* to, int64_t to_stride, int64_t count) {
  if (from_stride == 1 && to_stride == 1)
    std::memcpy(to, from, static_cast<size_t>(count) * sizeof(T));
  else if (from_stride == 0 && to_stride == 1)
    std::fill_n(to, count, *from);
  else if (to_stride == 1)
    for (int64_t i = 0; i < count; ++i) to[i] = from[i * from_stride];
  else
    for (int64_t i = 0; i < count; ++i) to[i * to_stride] = from[i * from_stride];
}

/// Calls `f` with a number as wide as an element, for what only moves elements.
template <typename F>
void with_width(size_t width, const F& f) {
  switch (width) {
    case 1:
      return f(uint8_t{});
    case 2:
      return f(uint16_t{});
    case 4:
      return f(uint32_t{});
    case 8:
      return f(uint64_t{});
    default:
      return f(std::complex<double>{});
  }
}

}  // namespace cne::tensor
