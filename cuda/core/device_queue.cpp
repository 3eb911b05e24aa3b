// The GPU half of core/device_queue.

#include "core/device_queue.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "../cuda/core/cuda_check.h"

namespace cne::gpu {

namespace {

cudaStream_t of(void* stream) { return static_cast<cudaStream_t>(stream); }

/// Pinned memory in halves that take turns: what is uploaded is copied there first, so that the
/// caller's memory is free at once and the host need not wait for the device.
struct Stage {
  static constexpr size_t kHalf = 4 << 20;
  static constexpr size_t kAlign = 256;
  uint8_t* memory = nullptr;
  cudaEvent_t done[2] = {};  // when the copies from a half are
  int half = 0;
  size_t used = 0;  // of the half
};

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

void* open_stage() {
  auto stage = std::make_unique<Stage>();
  void* memory = nullptr;
  check(cudaMallocHost(&memory, 2 * Stage::kHalf), "device_queue: pinned memory");
  stage->memory = static_cast<uint8_t*>(memory);
  for (cudaEvent_t& event : stage->done)
    check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "device_queue: event");
  return stage.release();
}

void close_stage(void* stage) {
  const std::unique_ptr<Stage> own(static_cast<Stage*>(stage));
  for (cudaEvent_t event : own->done) cudaEventDestroy(event);
  cudaFreeHost(own->memory);
}

void upload(void* stream, void* stage, const void* from, size_t bytes, void* to) {
  Stage& own = *static_cast<Stage*>(stage);
  const auto* source = static_cast<const uint8_t*>(from);
  auto* target = static_cast<uint8_t*>(to);
  while (bytes > 0) {
    if (own.used == 0) check(cudaEventSynchronize(own.done[own.half]), "upload: wait");
    const size_t piece = std::min(bytes, Stage::kHalf - own.used);
    uint8_t* place = own.memory + own.half * Stage::kHalf + own.used;
    std::memcpy(place, source, piece);
    check(cudaMemcpyAsync(target, place, piece, cudaMemcpyHostToDevice, of(stream)), "upload");
    source += piece;
    target += piece;
    bytes -= piece;
    own.used += (piece + Stage::kAlign - 1) / Stage::kAlign * Stage::kAlign;
    if (own.used < Stage::kHalf) continue;
    check(cudaEventRecord(own.done[own.half], of(stream)), "upload: record");
    own.half = 1 - own.half;
    own.used = 0;
  }
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
