// The GPU half of tensor/device_attention_key_gradient.

#include "../cuda/core/launch.cuh"
#include "../cuda/tensor/device_fragment.cuh"
#include "tensor/device_attention_key_gradient.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<float, 64, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<float, 128, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<float, 256, true, false>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<float, 256, false, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<Half, 64, true, true>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<Half, 96, true, true>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<Half, 128, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<Half, 256, true, false>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<Half, 256, false, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<BFloat16, 64, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<BFloat16, 96, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<BFloat16, 128, true, true>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<BFloat16, 256, true, false>&,
                       Grid);
template void gpu::run(const DeviceQueue&, const AttentionKeyGradient<BFloat16, 256, false, true>&,
                       Grid);

}  // namespace cne
