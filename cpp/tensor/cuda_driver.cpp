#include "tensor/cuda_driver.h"

#include <atomic>
#include <mutex>

#include "core/error.h"
#include "tensor/shared_symbol.h"

namespace cne::tensor {

namespace {

constexpr const char* kFile = "libcuda.so.1";

std::mutex lock;
std::string path = kFile;
std::atomic<const CudaDriver*> opened{nullptr};
std::atomic<int> generation{0};

void find_all(CudaDriver& out, void* handle) {
  const auto find = [&](auto& function, const char* symbol) {
    if (!find_symbol(handle, function, symbol) && out.missing.empty())
      out.missing = message("the driver has no ", symbol, ", it is older than CUDA 11.2");
  };
  find(out.init, "cuInit");
  find(out.error_name, "cuGetErrorName");
  find(out.device_count, "cuDeviceGetCount");
  find(out.device_get, "cuDeviceGet");
  find(out.device_attribute, "cuDeviceGetAttribute");
  find(out.retain_context, "cuDevicePrimaryCtxRetain");
  find(out.push_context, "cuCtxPushCurrent_v2");
  find(out.pop_context, "cuCtxPopCurrent_v2");
  find(out.stream_create, "cuStreamCreate");
  find(out.stream_destroy, "cuStreamDestroy_v2");
  find(out.stream_synchronize, "cuStreamSynchronize");
  find(out.stream_wait, "cuStreamWaitEvent");
  find(out.event_create, "cuEventCreate");
  find(out.event_record, "cuEventRecord");
  find(out.event_destroy, "cuEventDestroy_v2");
  find(out.allocate, "cuMemAllocAsync");
  find(out.free, "cuMemFreeAsync");
  find(out.allocate_host, "cuMemHostAlloc");
  find(out.default_pool, "cuDeviceGetDefaultMemPool");
  find(out.set_pool, "cuMemPoolSetAttribute");
  find(out.upload, "cuMemcpyHtoDAsync_v2");
  find(out.download, "cuMemcpyDtoHAsync_v2");
  find(out.copy, "cuMemcpyDtoDAsync_v2");
  find(out.load_module, "cuModuleLoadData");
  find(out.get_function, "cuModuleGetFunction");
  find(out.set_function, "cuFuncSetAttribute");
  find(out.launch, "cuLaunchKernel");
  out.has_graphs = find_symbol(handle, out.begin_capture, "cuStreamBeginCapture_v2") &&
                   find_symbol(handle, out.end_capture, "cuStreamEndCapture") &&
                   find_symbol(handle, out.instantiate, "cuGraphInstantiateWithFlags") &&
                   find_symbol(handle, out.launch_graph, "cuGraphLaunch") &&
                   find_symbol(handle, out.destroy_graph, "cuGraphDestroy") &&
                   find_symbol(handle, out.destroy_ready, "cuGraphExecDestroy");
}

std::string name_of_error(const CudaDriver& driver, int status) {
  const char* name = nullptr;
  if (driver.error_name(status, &name) != 0 || name == nullptr)
    return message("CUDA error ", status);
  return name;
}

CudaDriver open(const std::string& file) {
  CudaDriver out;
  void* const handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    out.missing = message("NVIDIA's driver (", file, ") is not there");
    return out;
  }
  find_all(out, handle);
  if (!out.missing.empty()) return out;
  if (const int status = out.init(0); status != 0)
    out.missing = message("cuInit gives ", name_of_error(out, status));
  return out;
}

}  // namespace

void CudaDriver::check(int status, const char* what) const {
  if (status == 0) return;
  throw DeviceError(message(what, ": ", name_of_error(*this, status)));
}

const CudaDriver& cuda_driver() {
  if (const CudaDriver* found = opened.load(std::memory_order_acquire)) return *found;
  const std::lock_guard<std::mutex> held(lock);
  if (const CudaDriver* found = opened.load(std::memory_order_acquire)) return *found;
  // Never closed: memory may be given back to it until the process ends.
  opened.store(new CudaDriver(open(path)), std::memory_order_release);
  return *opened.load();
}

void set_cuda_driver(const std::string& file) {
  const std::lock_guard<std::mutex> held(lock);
  path = file.empty() ? kFile : file;
  opened.store(nullptr, std::memory_order_release);
  ++generation;
}

int cuda_driver_generation() { return generation; }

int cuda_device_count() {
  const CudaDriver& driver = cuda_driver();
  int count = 0;
  if (!driver.missing.empty() || driver.device_count(&count) != 0) return 0;
  return count;
}

}  // namespace cne::tensor
