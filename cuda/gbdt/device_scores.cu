// The GPU half of gbdt/device_scores.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_scores.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::AddLeaves&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::FindLargest&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::FixGradients&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::SumExponentials&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::WalkRows&, Grid);
