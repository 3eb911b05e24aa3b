#include "tensor/dynamic_slice.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/cuda_run.h"
#include "tensor/cuda_slice.h"
#include "tensor/elementwise.h"
#include "tensor/indexing.h"
#include "tensor/strided_copy.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// An integer of any type; what is beyond int64 is its largest.
int64_t start_of(const Array& start) {
  const int64_t value = *cast(start, Element::kInt64).as<int64_t>();
  return kind_of(start.element()) == ElementKind::kUnsigned && value < 0 ? INT64_MAX : value;
}

void check(const Dims& shape, std::span<const Type> starts, const Dims& sizes,
           const char* function) {
  const int rank = shape.size();
  if (sizes.size() != rank || starts.size() != static_cast<size_t>(rank))
    throw ShapeError(message(function, ": expected sizes and starts of ", rank, " axes, got ",
                             sizes.size(), " and ", starts.size()));
  for (int axis = 0; axis < rank; ++axis)
    if (sizes[axis] < 0 || sizes[axis] > shape[axis])
      throw ShapeError(message(function, ": expected a block within ", to_string(shape), ", got ",
                               to_string(sizes)));
  for (const Type& start : starts)
    if (start.shape.size() != 0 || !is_integer(start.element))
      throw TypeError(
          message(function, ": expected integers without axes as starts, got ", to_string(start)));
}

Dims clamped(const Dims& shape, std::span<const Array> starts, const Dims& sizes) {
  Dims out;
  for (int axis = 0; axis < shape.size(); ++axis)
    out.push_back(std::clamp<int64_t>(start_of(starts[static_cast<size_t>(axis)]), 0,
                                      shape[axis] - sizes[axis]));
  return out;
}

}  // namespace

Type dynamic_slice_type(const Type& operand, std::span<const Type> starts, const Dims& sizes) {
  check(operand.shape, starts, sizes, "dynamic_slice");
  return {operand.element, sizes, operand.device};
}

Type dynamic_update_slice_type(const Type& operand, const Type& update,
                               std::span<const Type> starts) {
  if (update.element != operand.element)
    throw TypeError(message("dynamic_update_slice: expected an update of ",
                            name_of(operand.element), ", got ", to_string(update)));
  check(operand.shape, starts, update.shape, "dynamic_update_slice");
  return operand;
}

Array dynamic_slice(const Array& operand, std::span<const Array> starts, const Dims& sizes) {
  dynamic_slice_type(operand.type(), types_of(starts), sizes);
  if (is_on_device(starts)) return dynamic_slice_on_cuda(operand, starts, sizes);
  const Dims from = clamped(operand.shape(), starts, sizes);
  return slice(operand, from, Dims::filled(from.size(), 1), sizes);
}

Array dynamic_update_slice(const Array& operand, const Array& update,
                           std::span<const Array> starts) {
  dynamic_update_slice_type(operand.type(), update.type(), types_of(starts));
  if (is_on_device(starts)) return dynamic_update_slice_on_cuda(operand, update, starts);
  const Dims to = clamped(operand.shape(), starts, update.shape());
  return update_slice(operand, update, to, Dims::filled(to.size(), 1));
}

Array update_slice(const Array& operand, const Array& update, const Dims& starts,
                   const Dims& steps) {
  const Array both[] = {operand, update};
  Array out = copy(to_device(operand, common_device("update_slice", both)));
  copy_into(out, starts, steps, update);
  return out;
}

}  // namespace cne::tensor
