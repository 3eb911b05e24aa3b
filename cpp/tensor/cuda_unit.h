#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "tensor/fusion.h"

namespace cne::tensor {

/// The kernels of one fused unit on CUDA devices: one for each way in which its arrays lie, made
/// when such arrays come. Any thread may call.
class CudaUnit {
 public:
  /// The outputs of `unit`, always the same one. `arrays` lie on one device, but for numbers.
  /// Throws as common_device and CudaDevice do.
  std::vector<Array> run(const LoweredUnit& unit, std::span<const Array> arrays,
                         const char* function);

 private:
  struct Kernel;
  std::shared_ptr<const Kernel> kernel(const LoweredUnit& unit, std::span<const Array> arrays,
                                       Device device);

  std::mutex lock_;
  std::unordered_map<std::string, std::shared_ptr<const Kernel>> kernels_;
};

}  // namespace cne::tensor
