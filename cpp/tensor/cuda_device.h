#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "core/buffer.h"
#include "tensor/cuda_driver.h"

namespace cne::tensor {

/// A CUDA device: its primary context, which other libraries share, and one stream, in whose order
/// all is done whichever thread asks. The stream waits for the default stream of CUDA and that one
/// for it, so arrays of torch and CuPy, which work there, need no more. Calls return before the
/// work is done, but for `upload` and `download`. Lives as long as the process; any thread may
/// call.
class CudaDevice {
 public:
  CudaDevice(const CudaDriver& driver, int index);
  CudaDevice(const CudaDevice&) = delete;
  CudaDevice& operator=(const CudaDevice&) = delete;

  int index() const { return index_; }
  /// As NVRTC names it: "sm_90".
  const std::string& architecture() const { return architecture_; }
  /// That of the recording where the thread records.
  void* stream() const;
  /// How many kernels and calls of libraries this thread has asked devices for.
  static int64_t asked();

  /// Uninitialised memory, aligned to 256 bytes, which goes back in the stream's order. Throws
  /// DeviceError where there is not enough.
  Buffer allocate(size_t bytes);
  /// The same where the thread records, too (see cuda_graph): there `allocate` gives memory of the
  /// recording, other calls are part of it, and those that need the host throw NotRecorded.
  Buffer allocate_unrecorded(size_t bytes);
  void upload(const void* from, size_t bytes, void* to);
  void download(const void* from, size_t bytes, void* to);
  /// A few bytes, without waiting for what was asked for before.
  void write(const void* from, size_t bytes, void* to);
  void copy(const void* from, size_t bytes, void* to);
  /// A few bytes that many calls read: kept by what they are.
  Buffer constant(const void* bytes, size_t size);

  /// A function of a source, which is compiled at its first use and kept (see
  /// nvrtc_compile_cached). Throws as that does, DeviceError where the device refuses it.
  void* function(const std::string& source, const std::string& name);
  /// Blocks with `shared_bytes` of shared memory beside what the text declares.
  void launch(void* function, int64_t blocks, int threads, void** arguments,
              size_t shared_bytes = 0);
  /// A number in the memory of the device that kernels set to 1 for an index out of bounds. The
  /// next download throws ArgumentError then, and clears it.
  void* fault_flag();

  /// Calls `f` with the stream while the context is the thread's own, as libraries need it.
  void in_context(const std::function<void(void* stream)>& f);

  /// What is asked for later waits for what another stream was asked for by now.
  void wait_for(void* other);
  /// The other way around.
  void let_wait(void* other);

 private:
  class Current;
  void order(void* first, void* then);
  void throw_fault();

  const CudaDriver& driver_;
  int index_;
  void* context_ = nullptr;
  void* stream_ = nullptr;
  std::string architecture_;
  std::mutex lock_;
  std::unordered_map<std::string, void*> modules_;
  std::unordered_map<std::string, Buffer> constants_;
  std::mutex fault_lock_;
  Buffer fault_;
  /// Where downloads, one after the other, bring the flag with them; null before there is one.
  std::atomic<volatile int32_t*> fault_seen_ = nullptr;
  std::mutex download_lock_;
};

/// Throws DeviceError naming `function` where there is no such device.
CudaDevice& cuda_device(int index, const char* function);

}  // namespace cne::tensor
