#include "tensor/device_random.h"

#include "tensor/run_kernel.h"

namespace cne::tensor {

void device_random(Device device, RandomKind kind, const Words* keys, int64_t key_count,
                   int64_t count, Element element, void* out) {
  const auto run = [&]<RandomKind kKind>(auto type) {
    using T = decltype(type);
    const RandomPieces<T, kKind> kernel{keys, key_count, count, static_cast<T*>(out)};
    run_kernel(device, "device_random", kernel, count == 0 ? Grid{0, 1} : kernel.grid());
  };
  const auto floats = [&]<RandomKind kKind>() {
    if (element == Element::kFloat64)
      run.template operator()<kKind>(double{});
    else if (element == Element::kFloat32)
      run.template operator()<kKind>(float{});
    else if (element == Element::kFloat16)
      run.template operator()<kKind>(Half{});
    else
      run.template operator()<kKind>(BFloat16{});
  };
  if (kind == RandomKind::kUniform) return floats.template operator()<RandomKind::kUniform>();
  if (kind == RandomKind::kNormal) return floats.template operator()<RandomKind::kNormal>();
  if (kind == RandomKind::kKeys) return run.template operator()<RandomKind::kKeys>(uint32_t{});
  switch (size_of(element)) {
    case 1:
      return run.template operator()<RandomKind::kBits>(uint8_t{});
    case 2:
      return run.template operator()<RandomKind::kBits>(uint16_t{});
    case 4:
      return run.template operator()<RandomKind::kBits>(uint32_t{});
    default:
      return run.template operator()<RandomKind::kBits>(uint64_t{});
  }
}

}  // namespace cne::tensor
