// The GPU half of tensor/device_cross_entropy.

#include "../cuda/core/launch.cuh"
#include "tensor/device_cross_entropy.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const CrossEntropyRows<float, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyRows<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyRows<Half, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyRows<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyRows<BFloat16, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyRows<BFloat16, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<float, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<Half, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<BFloat16, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const CrossEntropyGradient<BFloat16, 256>&, Grid);

}  // namespace cne
