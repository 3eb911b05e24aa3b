#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "core/buffer.h"
#include "core/error.h"
#include "tensor/cuda_driver.h"

namespace cne::tensor {

class CudaDevice;

/// Memory of a device for work that is recorded once and done many times: what is given back is
/// given out again in the order of the calls, and stays at its place until nobody holds this.
/// Any thread may call.
class GraphMemory : public std::enable_shared_from_this<GraphMemory> {
 public:
  explicit GraphMemory(CudaDevice& device) : device_(device) {}

  Buffer allocate(size_t bytes);
  /// Bytes taken from the device.
  size_t bytes() const { return bytes_; }

 private:
  struct Block {
    Buffer buffer;
    bool is_free;
  };

  CudaDevice& device_;
  std::mutex lock_;
  std::vector<std::unique_ptr<Block>> blocks_;
  size_t bytes_ = 0;
};

/// Thrown where recorded work would read or write what the host has, or wait.
class NotRecorded : public DeviceError {
 public:
  explicit NotRecorded(const char* what)
      : DeviceError(message("cuda: ", what, " has no place in a graph")) {}
};

/// What the thread asks of a device while it is recorded: nothing is done yet. The stream is the
/// recording's own, so other threads, and other libraries on the default stream, go on meanwhile.
struct Recording {
  const CudaDevice* device;
  void* stream;
  GraphMemory& memory;
  /// Memory for results: who asks for so many bytes is given one of these first.
  std::vector<Buffer> offered;
  /// Constants that are read, which have to stay.
  std::vector<Buffer> constants;
};

/// The recording of the calling thread, null where there is none.
Recording* recording();

/// Work of a device that was recorded and is asked for by one call.
class CudaGraph {
 public:
  /// What `work` asks of the device, of this thread alone. Throws NotRecorded where that cannot be
  /// recorded, what `work` throws, and DeviceError. There must be no recording yet.
  CudaGraph(CudaDevice& device, GraphMemory& memory, const std::function<void()>& work);
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;
  ~CudaGraph();

  void launch();

 private:
  void record(GraphMemory& memory, const std::function<void()>& work, void* stream);

  const CudaDriver& driver_;
  CudaDevice& device_;
  void* graph_ = nullptr;
  void* ready_ = nullptr;
  std::vector<Buffer> constants_;
};

}  // namespace cne::tensor
