// The GPU half of tensor/device_sampling.

#include "../cuda/core/launch.cuh"
#include "tensor/device_sampling.h"

namespace cne {

using namespace tensor;

template void gpu::run(const DeviceQueue&, const SampleRows<float>&, Grid);
template void gpu::run(const DeviceQueue&, const SampleRows<Half>&, Grid);
template void gpu::run(const DeviceQueue&, const SampleRows<BFloat16>&, Grid);

}  // namespace cne
