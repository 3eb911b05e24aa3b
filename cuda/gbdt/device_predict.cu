// The GPU half of gbdt/device_predict.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_predict.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::ScoreRows&, Grid);
