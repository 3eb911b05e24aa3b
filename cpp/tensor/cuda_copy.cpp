#include "tensor/cuda_copy.h"

#include <algorithm>
#include <cstdlib>

#include "tensor/cuda_device.h"
#include "tensor/fused_writer.h"

namespace cne::tensor {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 8192;
constexpr int64_t kWide = int64_t{1} << 30;

struct Offsets : FusedWriter {
  using FusedWriter::offset;
};

const char* type_of(size_t width) {
  switch (width) {
    case 1:
      return "uint8_t";
    case 2:
      return "uint16_t";
    case 4:
      return "uint32_t";
    case 8:
      return "uint64_t";
    default:
      return "std::complex<double>";
  }
}

int64_t reach(const Dims& shape, const Dims& strides) {
  int64_t out = 1;
  for (int axis = 0; axis < shape.size(); ++axis) out += std::abs(strides[axis]) * shape[axis];
  return out;
}

}  // namespace

void copy_strided_on_cuda(const Array& from, uint8_t* to, const Dims& to_strides) {
  const Dims& shape = from.shape();
  const bool is_wide =
      std::max({from.size(), reach(shape, from.strides()), reach(shape, to_strides)}) > kWide;
  const std::string type = type_of(size_of(from.element()));
  FusedSource source;
  source.kernels =
      message("extern \"C\" __global__ void __launch_bounds__(", kThreads, ") copy_block(const ",
              type, "* __restrict__ a0, ", type, "* __restrict__ y0) {\n  typedef ",
              is_wide ? "uint64_t" : "uint32_t", " Place;\n  typedef ",
              is_wide ? "int64_t" : "int32_t", " Offset;\n  for (Place at = Place(blockIdx.x) * ",
              kThreads, " + threadIdx.x; at < Place(", from.size(), "); at += Place(gridDim.x) * ",
              kThreads, ")\n    y0[", Offsets::offset(shape, to_strides, "at"), "] = a0[",
              Offsets::offset(shape, from.strides(), "at"), "];\n}\n");
  CudaDevice& on = cuda_device(from.device().index, "copy");
  const void* addresses[] = {from.address(), to};
  void* arguments[] = {&addresses[0], &addresses[1]};
  on.launch(on.function(source.text(), "copy_block"),
            std::min(kMostBlocks, (from.size() + kThreads - 1) / kThreads), kThreads, arguments);
}

}  // namespace cne::tensor
