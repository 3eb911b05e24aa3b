// The GPU half of core/device_queue.

#include "core/device_queue.h"

#include <algorithm>
#include <memory>

#include "../cuda/core/cuda_check.h"

namespace cne::gpu {

namespace {

cudaStream_t of(void* stream) { return static_cast<cudaStream_t>(stream); }

}  // namespace

void* open_stream(int device) {
  check(cudaSetDevice(device), "device_queue: cudaSetDevice");
  cudaStream_t stream = nullptr;
  check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "device_queue: stream");
  return stream;
}

void close_stream(void* stream) {
  cudaStreamSynchronize(of(stream));
  cudaStreamDestroy(of(stream));
}

DeviceLimits limits_of(int device) {
  const auto get = [&](cudaDeviceAttr what) {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, what, device), "device_queue: cudaDeviceGetAttribute");
    return value;
  };
  DeviceLimits out;
  out.multiprocessors = get(cudaDevAttrMultiProcessorCount);
  out.shared_per_block = static_cast<size_t>(get(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  out.shared_per_multiprocessor =
      static_cast<size_t>(get(cudaDevAttrMaxSharedMemoryPerMultiprocessor));
  return out;
}

Buffer allocate(void* stream, int device, size_t bytes) {
  void* memory = nullptr;
  check(cudaMallocAsync(&memory, std::max<size_t>(bytes, 1), of(stream)), "device_queue: memory");
  const std::shared_ptr<const void> owner(
      memory, [stream](const void* p) { cudaFreeAsync(const_cast<void*>(p), of(stream)); });
  return Buffer::wrap(memory, bytes, owner, Device{Device::Kind::kCuda, device});
}

void upload(void* stream, const void* from, size_t bytes, void* to) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, of(stream)), "upload");
  // Pageable memory is staged before the call returns; pinned memory of a caller would not be.
}

void download(void* stream, const void* from, size_t bytes, void* to) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, of(stream)), "download");
  check(cudaStreamSynchronize(of(stream)), "download");
}

void copy(void* stream, const void* from, size_t bytes, void* to) {
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, of(stream)), "copy");
}

void clear(void* stream, void* memory, size_t bytes) {
  check(cudaMemsetAsync(memory, 0, bytes, of(stream)), "clear");
}

}  // namespace cne::gpu
