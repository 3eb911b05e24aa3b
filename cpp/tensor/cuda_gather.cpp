#include "tensor/cuda_gather.h"

#include "tensor/fused_writer.h"

namespace cne::tensor {

namespace {

const char* name_of(IndexMode mode) {
  switch (mode) {
    case IndexMode::kClip:
      return "kClip";
    case IndexMode::kSkip:
      return "kSkip";
    default:
      return "kChecked";
  }
}

}  // namespace

Dims strides_along(const Array& array, const Dims& axes) {
  Dims out;
  for (const int64_t axis : axes)
    out.push_back(axis < 0 ? 0 : array.strides()[static_cast<int>(axis)]);
  return out;
}

void write_places(PlaceKernel& kernel, const Array& target, std::span<const Array> indices,
                  const Dims& indexed, const Dims& shape, const Dims& along, IndexMode mode) {
  if (!indices.empty()) kernel.fault();
  kernel.line("bool is_there = true;");
  kernel.line("int64_t place = 0;");
  for (size_t k = 0; k < indices.size(); ++k) {
    const auto axis = static_cast<int>(indexed[static_cast<int>(k)]);
    const int64_t extent = target.shape()[axis];
    if (mode == IndexMode::kClip && extent == 0)
      throw ShapeError("gather: no index can be clipped to an axis without elements");
    const std::string from = kernel.input(indices[k]);
    kernel.line("place += place_of<", name_of(mode), ">(", from, "[",
                offset_text(shape, strides_along(indices[k], along), "at"), "], ", extent,
                ", is_there, fault) * ", target.strides()[axis], ";");
  }
}

Array gather_on_cuda(const Array& operand, std::span<const Array> indices, const IndexAxes& axes,
                     IndexMode mode) {
  const Dims shape = indexed_shape(operand.shape(), types_of(indices), axes, "gather");
  const Array out = Array::empty({operand.element(), shape, operand.device()});
  PlaceKernel kernel("gather", operand.device(), out.size());
  const char* const type = bytes_text(operand.element());
  const std::string to = kernel.output(out, type);
  const std::string from = kernel.input(operand, type);
  if (out.size() != 0)
    write_places(kernel, operand, indices, axes.indexed, shape, axes.indices, mode);
  kernel.line(to, "[at] = is_there ? ", from, "[place + ",
              offset_text(shape, strides_along(operand, axes.operand), "at"), "] : ", type, "();");
  kernel.run();
  return out;
}

}  // namespace cne::tensor
