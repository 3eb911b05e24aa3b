// The GPU half of gbdt/device_partition.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_partition.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::FindSides&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::MoveRows&, Grid);
template void cne::gpu::run(const DeviceQueue&, const gbdt::PlaceBlocks&, Grid);
