// The GPU half of tensor/device_random.

#include "../cuda/core/launch.cuh"
#include "tensor/device_random.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const RandomPieces<uint8_t, false>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<uint16_t, false>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<uint32_t, false>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<uint64_t, false>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<float, true>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<Half, true>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<BFloat16, true>&, Grid);
template void gpu::run(const DeviceQueue&, const RandomPieces<double, true>&, Grid);

}  // namespace cne
