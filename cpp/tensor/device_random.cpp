#include "tensor/device_random.h"

#include "core/error.h"

namespace cne::tensor {

void device_random(const DeviceQueue& queue, RandomKind kind, Words key, int64_t count,
                   Element element, void* out) {
  if (kind == RandomKind::kNormal)
    throw TypeError("random: expected keys, bits or uniform numbers on a device");
  const bool is_uniform = kind == RandomKind::kUniform;
  random_type(kind, {Element::kUInt32, {2}, {}}, {}, element);  // throws what it does
  const auto bits = [&](auto type) {
    using T = decltype(type);
    const RandomPieces<T, false> kernel{key, count, kind == RandomKind::kKeys,
                                        static_cast<T*>(out)};
    cne::run(queue, kernel, kernel.grid());
  };
  const auto uniform = [&](auto type) {
    using T = decltype(type);
    const RandomPieces<T, true> kernel{key, count, false, static_cast<T*>(out)};
    cne::run(queue, kernel, kernel.grid());
  };
  if (!is_uniform) {
    switch (size_of(element)) {
      case 1:
        return bits(uint8_t{});
      case 2:
        return bits(uint16_t{});
      case 4:
        return bits(uint32_t{});
      default:
        return bits(uint64_t{});
    }
  }
  if (element == Element::kFloat64)
    uniform(double{});
  else if (element == Element::kFloat32)
    uniform(float{});
  else if (element == Element::kFloat16)
    uniform(Half{});
  else
    uniform(BFloat16{});
}

}  // namespace cne::tensor
