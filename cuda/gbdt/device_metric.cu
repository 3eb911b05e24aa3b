// The GPU half of gbdt/device_metric.

#include "../cuda/core/launch.cuh"
#include "gbdt/device_metric.h"

template void cne::gpu::run(const DeviceQueue&, const gbdt::SumMetric&, Grid);
