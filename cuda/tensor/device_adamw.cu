// The GPU half of tensor/device_adamw.

#include "../cuda/core/launch.cuh"
#include "tensor/device_adamw.h"

template void cne::gpu::run(const DeviceQueue&, const tensor::AdamWStep&, Grid);
