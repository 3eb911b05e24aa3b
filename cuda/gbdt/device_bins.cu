// The GPU half of gbdt/device_bins.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_bins.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::PackRows&, Grid);
