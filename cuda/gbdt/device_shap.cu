// The GPU half of gbdt/device_shap.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_shap.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::AddContributions&, Grid);
