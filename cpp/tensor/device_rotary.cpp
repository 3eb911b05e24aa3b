#include "tensor/device_rotary.h"

#include "core/error.h"

namespace cne::tensor {

void device_rotate(const DeviceQueue& queue, Element element, const RotaryInputs& inputs,
                   const void* x, void* out) {
  if (inputs.d < 0 || inputs.d % 2 != 0)
    throw ShapeError(message("rotate: expected an even number of features, got ", inputs.d));
  const auto run = [&](auto type) {
    using T = decltype(type);
    const RotateRows<T> kernel{inputs, static_cast<const T*>(x), static_cast<T*>(out)};
    cne::run(queue, kernel, kernel.grid());
  };
  if (element == Element::kFloat32)
    run(float{});
  else if (element == Element::kFloat16)
    run(Half{});
  else if (element == Element::kBFloat16)
    run(BFloat16{});
  else
    throw TypeError(
        message("rotate: expected float32, float16 or bfloat16, got ", name_of(element)));
}

}  // namespace cne::tensor
