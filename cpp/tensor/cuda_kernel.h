#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/error.h"
#include "tensor/array.h"

namespace cne::tensor {

/// How a function of a source is called.
struct CudaCall {
  std::string name;
  int64_t blocks = 1;
  int threads = 1;
  size_t shared_bytes = 0;
};

/// Queues a function of the text that `source` gives, always the same one for a `key`, and asked
/// for where that is new. `arguments` are addresses of what it takes, as cuLaunchKernel has it.
/// Throws as CudaDevice::function does.
void launch_text(Device device, std::string key, const std::function<std::string()>& source,
                 const CudaCall& call, void** arguments);
/// Behind the functions of elements (fused_prelude); the text itself is the key.
void launch_text(Device device, const std::string& kernels, const CudaCall& call, void** arguments);

/// A kernel written by whoever needs it, line by line, of which threads do one place after the
/// other: `at` from 0 on, of the type Place. Arrays are addresses of their first elements, so lines
/// find places by `offset_text`; shapes and strides become constants of the text.
class PlaceKernel {
 public:
  PlaceKernel(std::string name, Device device, int64_t places);

  /// Returns what lines call it: "a0", "a1", ... A number on the CPU is brought to the device;
  /// `type` is that of C++, unless it is that of the element.
  std::string input(const Array& array, const char* type = nullptr);
  /// "y0", ...: what nobody else holds.
  std::string output(const Array& array, const char* type = nullptr);
  std::string output(const void* address, int64_t reach, const char* type);
  /// A whole number that is told at the launch, int64_t.
  void number(const char* name, int64_t value);
  /// The flag `fault` that functions of indices raise.
  void fault();

  template <typename... Parts>
  void line(const Parts&... parts) {
    lines_ += message("    ", parts..., "\n");
  }
  void run();

 private:
  void argument(const std::string& declared, int64_t value, int64_t reach);

  std::string name_;
  Device device_;
  int64_t places_;
  int64_t reach_;
  int inputs_ = 0;
  int outputs_ = 0;
  std::string declared_;
  std::string lines_;
  std::vector<int64_t> values_;
  std::vector<Array> held_;
};

/// The unsigned integer of an element's size, which copies take; of 16 bytes a complex number.
const char* bytes_text(Element element);
/// Elements that an array reaches over, from its first one.
int64_t reach_of(const Dims& shape, const Dims& strides);

}  // namespace cne::tensor
