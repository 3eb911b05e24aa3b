// The GPU half of tensor/device_rotary.

#include "../cuda/core/launch.cuh"
#include "tensor/device_rotary.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const RotateRows<float>&, Grid);
template void gpu::run(const DeviceQueue&, const RotateRows<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const RotateRows<BFloat16>&, Grid);

}  // namespace cne
