// The GPU half of tensor/device_top_k.

#include "../cuda/core/launch.cuh"
#include "tensor/device_top_k.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const TopKRows<float>&, Grid);
template void gpu::run(const DeviceQueue&, const TopKRows<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const TopKRows<BFloat16>&, Grid);
template void gpu::run(const DeviceQueue&, const TopKRows<double>&, Grid);
template void gpu::run(const DeviceQueue&, const TopKRows<int32_t>&, Grid);
template void gpu::run(const DeviceQueue&, const TopKRows<int64_t>&, Grid);

}  // namespace cne
