// The GPU half of gbdt/device_split.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_split.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::BestSplits&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::FindSplits&, Grid);
