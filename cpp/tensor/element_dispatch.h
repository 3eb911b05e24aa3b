#pragma once

#include <cassert>
#include <complex>
#include <cstdint>

#include "tensor/element.h"

namespace cne::tensor {

/// Calls `f` with a number of the C++ type that an element type is computed with: bool as uint8_t.
/// float16 and bfloat16 have none.
template <typename F>
decltype(auto) with_number(Element element, F&& f) {
  switch (element) {
    case Element::kBool:
    case Element::kUInt8:
      return f(uint8_t{});
    case Element::kInt8:
      return f(int8_t{});
    case Element::kInt16:
      return f(int16_t{});
    case Element::kInt32:
      return f(int32_t{});
    case Element::kInt64:
      return f(int64_t{});
    case Element::kUInt16:
      return f(uint16_t{});
    case Element::kUInt32:
      return f(uint32_t{});
    case Element::kUInt64:
      return f(uint64_t{});
    case Element::kFloat32:
      return f(float{});
    case Element::kFloat64:
      return f(double{});
    case Element::kComplex64:
      return f(std::complex<float>{});
    case Element::kComplex128:
      return f(std::complex<double>{});
    default:
      assert(false);  // halves are computed as float32
      return f(float{});
  }
}

}  // namespace cne::tensor
