#pragma once

#include <cassert>
#include <complex>
#include <cstdint>
#include <type_traits>

#include "tensor/element.h"
#include "tensor/half.h"

namespace cne::tensor {

/// Calls `f` with an element of the C++ type that an element type is stored as.
template <typename F>
void with_stored(Element element, const F& f) {
  switch (element) {
    case Element::kBool:
      return f(Bool{});
    case Element::kInt8:
      return f(int8_t{});
    case Element::kInt16:
      return f(int16_t{});
    case Element::kInt32:
      return f(int32_t{});
    case Element::kInt64:
      return f(int64_t{});
    case Element::kUInt8:
      return f(uint8_t{});
    case Element::kUInt16:
      return f(uint16_t{});
    case Element::kUInt32:
      return f(uint32_t{});
    case Element::kUInt64:
      return f(uint64_t{});
    case Element::kFloat16:
      return f(Half{});
    case Element::kBFloat16:
      return f(BFloat16{});
    case Element::kFloat32:
      return f(float{});
    case Element::kFloat64:
      return f(double{});
    case Element::kComplex64:
      return f(std::complex<float>{});
    case Element::kComplex128:
      return f(std::complex<double>{});
  }
}

/// Calls `f` with a number of the C++ type that an element type is computed with: bool as uint8_t.
/// float16 and bfloat16 have none, as they are computed as float32.
template <typename F>
void with_number(Element element, const F& f) {
  with_stored(element, [&f](auto stored) {
    using T = decltype(stored);
    if constexpr (std::is_same_v<T, Bool>)
      f(stored.byte);
    else if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
      assert(false);
    else
      f(stored);
  });
}

}  // namespace cne::tensor
