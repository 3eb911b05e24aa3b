#include "tensor/cuda_copy.h"

#include "tensor/cuda_kernel.h"
#include "tensor/fused_writer.h"

namespace cne::tensor {

void copy_strided_on_cuda(const Array& from, uint8_t* to, const Dims& to_strides) {
  const Dims& shape = from.shape();
  const char* const type = bytes_text(from.element());
  PlaceKernel kernel("copy_block", from.device(), from.size());
  const std::string source = kernel.input(from, type);
  const std::string target = kernel.output(to, reach_of(shape, to_strides), type);
  kernel.line(target, "[", offset_text(shape, to_strides, "at"), "] = ", source, "[",
              offset_text(shape, from.strides(), "at"), "];");
  kernel.run();
}

}  // namespace cne::tensor
