#include "tensor/cuda_unit.h"

#include "tensor/cuda_device.h"
#include "tensor/fused_source.h"
#include "tensor/transfer.h"

namespace cne::tensor {

struct CudaUnit::Kernel {
  FusedSource source;
  std::vector<void*> functions;  // by launch
};

namespace {

constexpr uintptr_t kAccess = 16;  // bytes of the widest access, see FusedLayout

/// What a source depends on beside the unit: see fused_source.
std::string key_of(std::span<const Array> arrays, Device device) {
  std::string out = std::to_string(cuda_driver_generation());
  const auto add = [&out](int64_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  add(device.index);
  for (const Array& each : arrays) {
    add(static_cast<int64_t>(reinterpret_cast<uintptr_t>(each.address()) % kAccess));
    for (const int64_t stride : each.strides()) add(stride);
  }
  return out;
}

}  // namespace

std::shared_ptr<const CudaUnit::Kernel> CudaUnit::kernel(const LoweredUnit& unit,
                                                         std::span<const Array> arrays,
                                                         Device device) {
  const std::string key = key_of(arrays, device);
  {
    const std::lock_guard<std::mutex> held(lock_);
    if (const auto found = kernels_.find(key); found != kernels_.end()) return found->second;
  }
  CudaDevice& on = cuda_device(device.index, "jit");
  Kernel out{fused_source(unit.kernel, arrays, "fused"), {}};
  const std::string text = out.source.text();
  for (const FusedSource::Launch& each : out.source.launches)
    out.functions.push_back(on.function(text, each.name));
  out.source.kernels.clear();
  const std::lock_guard<std::mutex> held(lock_);
  return kernels_.emplace(key, std::make_shared<const Kernel>(std::move(out))).first->second;
}

std::vector<Array> CudaUnit::run(const LoweredUnit& unit, std::span<const Array> arrays,
                                 const char* function) {
  const Device device = common_device(function, arrays);
  std::vector<Array> inputs;
  for (const Array& each : arrays) inputs.push_back(to_device(each, device));
  const std::shared_ptr<const Kernel> made = kernel(unit, inputs, device);
  CudaDevice& on = cuda_device(device.index, function);
  std::vector<Array> outputs;
  for (const FusedKernel::Output& each : unit.kernel.outputs)
    outputs.push_back(Array::empty({each.type.element, each.type.shape, device}));
  const Buffer scratch = made->source.scratch_bytes == 0
                             ? Buffer()
                             : on.allocate(static_cast<size_t>(made->source.scratch_bytes));
  std::vector<const void*> addresses;
  for (const FusedKernel::Input& each : unit.kernel.inputs)
    addresses.push_back(inputs[static_cast<size_t>(each.array)].address());
  for (const Array& each : outputs) addresses.push_back(each.address());
  addresses.push_back(scratch.data());
  std::vector<void*> arguments;
  for (const void*& each : addresses) arguments.push_back(&each);
  for (size_t i = 0; i < made->functions.size(); ++i) {
    const FusedSource::Launch& launch = made->source.launches[i];
    on.launch(made->functions[i], launch.blocks, launch.threads, arguments.data());
  }
  return outputs;
}

}  // namespace cne::tensor
