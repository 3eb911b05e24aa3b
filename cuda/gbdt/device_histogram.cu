// The GPU half of gbdt/device_histogram.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_histogram.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::ClearHistograms&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::SumHistograms&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::SumGradients&, Grid);
