#pragma once

#include "core/error.h"
#include "tensor/element.h"
#include "tensor/half.h"

namespace cne::tensor {

/// Calls f(T{}) for the C++ type of an element. Throws TypeError for other types than float32,
/// float16 and bfloat16, which the kernels of a GPU take.
template <typename F>
void with_device_float(Element element, const char* function, const F& f) {
  if (element == Element::kFloat32)
    f(float{});
  else if (element == Element::kFloat16)
    f(Half{});
  else if (element == Element::kBFloat16)
    f(BFloat16{});
  else
    throw TypeError(
        message(function, ": expected float32, float16 or bfloat16, got ", name_of(element)));
}

}  // namespace cne::tensor
