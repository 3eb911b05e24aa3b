#pragma once

#include <type_traits>

#include "tensor/elementwise_math.h"

namespace cne::tensor {

// Two numbers of one type put together, as the operations on single elements do it.

struct Plus {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(wrapping(a) + wrapping(b));
  }
};
struct Times {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(wrapping(a) * wrapping(b));
  }
};
struct Larger {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>)
      return float_maximum(a, b);
    else
      return a > b ? a : b;
  }
};
struct Smaller {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>)
      return float_minimum(a, b);
    else
      return a < b ? a : b;
  }
};

}  // namespace cne::tensor
