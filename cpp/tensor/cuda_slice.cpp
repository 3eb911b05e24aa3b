#include "tensor/cuda_slice.h"

#include <vector>

#include "tensor/cuda_kernel.h"
#include "tensor/elementwise.h"
#include "tensor/fused_writer.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

Device device_of(const char* function, const Array& operand, std::span<const Array> starts) {
  std::vector<Array> all(starts.begin(), starts.end());
  all.push_back(operand);
  return common_device(function, all);
}

/// The line that finds how far the block begins behind the first element of `whole`.
void write_start(PlaceKernel& kernel, const Array& whole, std::span<const Array> starts,
                 const Dims& sizes) {
  kernel.line("int64_t start = 0;");
  for (int axis = 0; axis < whole.rank(); ++axis) {
    const int64_t last = whole.shape()[axis] - sizes[axis];
    if (last == 0) continue;
    const std::string from = kernel.input(starts[static_cast<size_t>(axis)]);
    kernel.line("start += start_of(", from, "[0], ", last, ") * ", whole.strides()[axis], ";");
  }
}

}  // namespace

Array dynamic_slice_on_cuda(const Array& operand, std::span<const Array> starts,
                            const Dims& sizes) {
  const Device device = device_of("dynamic_slice", operand, starts);
  const Array whole = to_device(operand, device);
  const Array out = Array::empty({operand.element(), sizes, device});
  const char* const type = bytes_text(operand.element());
  PlaceKernel kernel("dynamic_slice", device, out.size());
  const std::string to = kernel.output(out, type);
  const std::string from = kernel.input(whole, type);
  write_start(kernel, whole, starts, sizes);
  kernel.line(to, "[at] = ", from, "[start + ", offset_text(sizes, whole.strides(), "at"), "];");
  kernel.run();
  return out;
}

Array dynamic_update_slice_on_cuda(const Array& operand, const Array& update,
                                   std::span<const Array> starts) {
  std::vector<Array> all(starts.begin(), starts.end());
  all.push_back(update);
  const Device device = device_of("dynamic_update_slice", operand, all);
  const Array out = copy(to_device(operand, device));
  const Array block = to_device(update, device);
  const char* const type = bytes_text(operand.element());
  PlaceKernel kernel("dynamic_update_slice", device, block.size());
  const std::string to = kernel.output(out, type);
  const std::string from = kernel.input(block, type);
  write_start(kernel, out, starts, block.shape());
  kernel.line(to, "[start + ", offset_text(block.shape(), out.strides(), "at"), "] = ", from, "[",
              offset_text(block.shape(), block.strides(), "at"), "];");
  kernel.run();
  return out;
}

}  // namespace cne::tensor
