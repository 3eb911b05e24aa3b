#include "tensor/cuda_kernel.h"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <unordered_map>

#include "tensor/cuda_device.h"
#include "tensor/fused_source.h"
#include "tensor/fused_writer.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 8192;
constexpr int64_t kWide = int64_t{1} << 30;

/// A function, kept by a key that is shorter than its source.
void* function_of(CudaDevice& on, std::string key, const std::function<std::string()>& source,
                  const std::string& name) {
  static std::mutex lock;
  static auto& kept = *new std::unordered_map<std::string, void*>();
  key += message("\n", cuda_driver_generation(), " ", on.index());
  {
    const std::lock_guard<std::mutex> held(lock);
    if (const auto found = kept.find(key); found != kept.end()) return found->second;
  }
  void* const made = on.function(source(), name);
  const std::lock_guard<std::mutex> held(lock);
  return kept.emplace(std::move(key), made).first->second;
}

}  // namespace

void launch_text(Device device, std::string key, const std::function<std::string()>& source,
                 const CudaCall& call, void** arguments) {
  CudaDevice& on = cuda_device(device.index, call.name.c_str());
  on.launch(function_of(on, std::move(key), source, call.name), call.blocks, call.threads,
            arguments, call.shared_bytes);
}

void launch_text(Device device, const std::string& kernels, const CudaCall& call,
                 void** arguments) {
  launch_text(
      device, kernels, [&] { return fused_prelude() + kUsingTensor + kernels; }, call, arguments);
}

PlaceKernel::PlaceKernel(std::string name, Device device, int64_t places)
    : name_(std::move(name)), device_(device), places_(places), reach_(places) {}

void PlaceKernel::argument(const std::string& declared, int64_t value, int64_t reach) {
  declared_ += message(declared_.empty() ? "" : ", ", declared);
  values_.push_back(value);
  reach_ = std::max(reach_, reach);
}

std::string PlaceKernel::input(const Array& array, const char* type) {
  held_.push_back(to_device(array, device_));
  const Array& own = held_.back();
  std::string name = message("a", inputs_++);
  argument(
      message("const ", type == nullptr ? cpp_name(own.element()) : type, "* __restrict__ ", name),
      reinterpret_cast<int64_t>(own.address()), reach_of(own.shape(), own.strides()));
  return name;
}

std::string PlaceKernel::output(const Array& array, const char* type) {
  return output(array.address(), reach_of(array.shape(), array.strides()),
                type == nullptr ? cpp_name(array.element()) : type);
}

std::string PlaceKernel::output(const void* address, int64_t reach, const char* type) {
  std::string name = message("y", outputs_++);
  argument(message(type, "* __restrict__ ", name), reinterpret_cast<int64_t>(address), reach);
  return name;
}

void PlaceKernel::number(const char* name, int64_t value) {
  argument(message("int64_t ", name), value, 0);
}

void PlaceKernel::fault() {
  argument("int32_t* fault",
           reinterpret_cast<int64_t>(cuda_device(device_.index, name_.c_str()).fault_flag()), 0);
}

void PlaceKernel::run() {
  if (places_ == 0) return;
  const bool is_wide = reach_ > kWide;
  const std::string text = message(
      "extern \"C\" __global__ void __launch_bounds__(", kThreads, ") ", name_, "(", declared_,
      ") {\n  typedef ", is_wide ? "uint64_t" : "uint32_t", " Place;\n  typedef ",
      is_wide ? "int64_t" : "int32_t", " Offset;\n  for (Place at = Place(blockIdx.x) * ", kThreads,
      " + threadIdx.x; at < Place(", places_, "); at += Place(gridDim.x) * ", kThreads, ") {\n",
      lines_, "  }\n}\n");
  std::vector<void*> arguments;
  for (int64_t& each : values_) arguments.push_back(&each);
  launch_text(device_, text,
              {name_, std::min(kMostBlocks, (places_ + kThreads - 1) / kThreads), kThreads},
              arguments.data());
}

const char* bytes_text(Element element) {
  switch (size_of(element)) {
    case 1:
      return "uint8_t";
    case 2:
      return "uint16_t";
    case 4:
      return "uint32_t";
    case 8:
      return "uint64_t";
    default:
      return "std::complex<double>";
  }
}

int64_t reach_of(const Dims& shape, const Dims& strides) {
  int64_t out = 1;
  for (int axis = 0; axis < shape.size(); ++axis) out += std::abs(strides[axis]) * shape[axis];
  return out;
}

}  // namespace cne::tensor
