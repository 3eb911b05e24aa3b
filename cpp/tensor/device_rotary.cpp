#include "tensor/device_rotary.h"

#include "core/error.h"
#include "tensor/device_element.h"

namespace cne::tensor {

void device_rotate(const DeviceQueue& queue, Element element, const RotaryInputs& inputs,
                   const void* x, void* out) {
  if (inputs.d < 0 || inputs.d % 2 != 0)
    throw ShapeError(message("rotate: expected an even number of features, got ", inputs.d));
  with_device_float(element, "rotate", [&](auto type) {
    using T = decltype(type);
    const RotateRows<T> kernel{inputs, static_cast<const T*>(x), static_cast<T*>(out)};
    cne::run(queue, kernel, kernel.grid());
  });
}

}  // namespace cne::tensor
