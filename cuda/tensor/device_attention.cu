// The GPU half of tensor/device_attention.

#include "../cuda/core/launch.cuh"
#include "../cuda/tensor/device_fragment.cuh"
#include "tensor/device_attention.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const AttentionForward<float, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<float, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<float, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<Half, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<Half, 96>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<Half, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<Half, 256>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<BFloat16, 64>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<BFloat16, 96>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<BFloat16, 128>&, Grid);
template void gpu::run(const DeviceQueue&, const AttentionForward<BFloat16, 256>&, Grid);

}  // namespace cne
