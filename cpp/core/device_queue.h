#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/buffer.h"
#include "core/device.h"

namespace cne {

/// Throws DeviceError naming `function` without CUDA, and where there is no such device.
void require_device(Device device, const char* function);

/// What a device has for one block of threads.
struct DeviceLimits {
  int multiprocessors = 1;
  size_t shared_per_block = 48 * 1024;  // bytes of shared memory
  size_t shared_per_multiprocessor = 64 * 1024;
};

/// Work of one device in its order, and the memory that it works on.
///
/// On a GPU a stream: calls return before the work is done, except `download`. On the CPU all is
/// done at once: kernels can then be run without a GPU (emulate), to test them. For one thread at
/// a time; memory must not outlive the queue.
class DeviceQueue {
 public:
  /// Throws as require_device.
  DeviceQueue(Device device, const char* function);
  ~DeviceQueue();
  DeviceQueue(const DeviceQueue&) = delete;
  DeviceQueue& operator=(const DeviceQueue&) = delete;

  Device device() const { return device_; }
  const DeviceLimits& limits() const { return limits_; }
  /// The stream of a GPU, as cudaStream_t.
  void* stream() const { return stream_; }

  /// Uninitialised memory of the device. Throws DeviceError when there is not enough.
  Buffer allocate(size_t bytes) const;
  /// Copies to the device; `from` may change when it returns.
  void upload(const void* from, size_t bytes, void* to) const;
  /// Copies from the device, when all work before is done.
  void download(const void* from, size_t bytes, void* to) const;
  /// Copies inside the device.
  void copy(const void* from, size_t bytes, void* to) const;
  void clear(void* memory, size_t bytes) const;

 private:
  Device device_;
  DeviceLimits limits_;
  void* stream_ = nullptr;
  void* stage_ = nullptr;  // of a GPU: memory that uploads go through
};

/// An array in the memory of a device, which grows when it must. Can be moved, not copied.
template <typename T>
class DeviceArray {
 public:
  DeviceArray() = default;
  DeviceArray(const DeviceQueue& queue, int64_t size) { reserve(queue, size); }
  DeviceArray(DeviceArray&&) noexcept = default;
  DeviceArray& operator=(DeviceArray&&) noexcept = default;

  T* data() { return buffer_.mutable_as<T>(); }
  const T* data() const { return buffer_.as<T>(); }
  int64_t capacity() const { return static_cast<int64_t>(buffer_.size() / sizeof(T)); }

  /// Makes room; what was there is lost when it has to grow.
  void reserve(const DeviceQueue& queue, int64_t size) {
    if (buffer_ && size <= capacity()) return;
    buffer_ = {};
    buffer_ = queue.allocate(static_cast<size_t>(size) * sizeof(T));
  }
  void upload(const DeviceQueue& queue, const T* from, int64_t size) {
    reserve(queue, size);
    queue.upload(from, static_cast<size_t>(size) * sizeof(T), data());
  }

 private:
  Buffer buffer_;
};

// The halves of the class. Same arguments, already checked.
namespace gpu {
void* open_stream(int device);
void close_stream(void* stream);
void* open_stage();
void close_stage(void* stage);
DeviceLimits limits_of(int device);
Buffer allocate(void* stream, int device, size_t bytes);
void upload(void* stream, void* stage, const void* from, size_t bytes, void* to);
void download(void* stream, const void* from, size_t bytes, void* to);
void copy(void* stream, const void* from, size_t bytes, void* to);
void clear(void* stream, void* memory, size_t bytes);
}  // namespace gpu

}  // namespace cne
