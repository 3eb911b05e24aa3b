// The GPU half of tensor/device_attention_gradient.

#include "../cuda/core/launch.cuh"
#include "../cuda/tensor/device_fragment.cuh"
#include "tensor/device_attention_gradient.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const AttentionShares<float>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionShares<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionShares<BFloat16>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<float, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<float, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<Half, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<Half, 96>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<Half, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<BFloat16, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<BFloat16, 96>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<BFloat16, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionQueryGradient<BFloat16, 256>&, Grid);

}  // namespace cne
