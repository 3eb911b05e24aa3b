#include "core/device_queue.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"

namespace cne {

namespace {

constexpr int kPoison = 0xa5;  // what was never written should not look like zeros

}  // namespace

void require_device(Device device, const char* function) {
  if (device.is_cpu()) return;
  if constexpr (kWithCuda) {
    const int count = gpu::device_count();
    if (device.index >= count)
      throw DeviceError(message(function, ": expected a CUDA device number ", device.index,
                                ", but this machine has ", count));
  } else {
    throw_no_cuda(function);
  }
}

DeviceQueue::DeviceQueue(Device device, const char* function) : device_(device) {
  require_device(device, function);
  if constexpr (kWithCuda) {
    if (device.is_cpu()) return;
    limits_ = gpu::limits_of(device.index);
    stream_ = gpu::open_stream(device.index);
    stage_ = gpu::open_stage();
  }
}

DeviceQueue::~DeviceQueue() {
  if constexpr (kWithCuda) {
    if (stream_ != nullptr) gpu::close_stream(stream_);
    if (stage_ != nullptr) gpu::close_stage(stage_);
  }
}

Buffer DeviceQueue::allocate(size_t bytes) const {
  if constexpr (kWithCuda)
    if (!device_.is_cpu()) return gpu::allocate(stream_, device_.index, bytes);
  Buffer out = Buffer::allocate(bytes);
  std::memset(out.mutable_data(), kPoison, bytes);
  return out;
}

void DeviceQueue::upload(const void* from, size_t bytes, void* to) const {
  if (bytes == 0) return;
  if constexpr (kWithCuda)
    if (!device_.is_cpu()) return gpu::upload(stream_, stage_, from, bytes, to);
  std::memcpy(to, from, bytes);
}

void DeviceQueue::download(const void* from, size_t bytes, void* to) const {
  if (bytes == 0) return;
  if constexpr (kWithCuda)
    if (!device_.is_cpu()) return gpu::download(stream_, from, bytes, to);
  std::memcpy(to, from, bytes);
}

void DeviceQueue::copy(const void* from, size_t bytes, void* to) const {
  if (bytes == 0) return;
  if constexpr (kWithCuda)
    if (!device_.is_cpu()) return gpu::copy(stream_, from, bytes, to);
  std::memcpy(to, from, bytes);
}

void DeviceQueue::clear(void* memory, size_t bytes) const {
  if (bytes == 0) return;
  if constexpr (kWithCuda)
    if (!device_.is_cpu()) return gpu::clear(stream_, memory, bytes);
  std::memset(memory, 0, bytes);
}

}  // namespace cne
