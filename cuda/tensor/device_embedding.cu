// The GPU half of tensor/device_embedding.

#include "../cuda/core/launch.cuh"
#include "tensor/device_embedding.h"

template void cne::gpu::run(const DeviceQueue&, const tensor::GatherRows&, Grid);
template void cne::gpu::run(const DeviceQueue&, const tensor::ScatterRows&, Grid);
