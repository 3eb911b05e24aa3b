// The GPU half of tensor/device_norm.

#include "../cuda/core/launch.cuh"
#include "tensor/device_norm.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const NormRows<float, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormRows<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormRows<Half, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormRows<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormRows<BFloat16, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormRows<BFloat16, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<float, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<Half, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<BFloat16, 32>&, Grid);
template void gpu::run(const DeviceQueue&, const NormGradient<BFloat16, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnParts<float>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnParts<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnParts<BFloat16>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnSums<float>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnSums<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const NormColumnSums<BFloat16>&, Grid);

}  // namespace cne
