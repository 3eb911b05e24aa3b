#include "tensor/dynamic_slice.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/strided_copy.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// An integer of any type; what is beyond int64 is its largest.
int64_t start_of(const Array& start, const char* function) {
  if (start.rank() != 0 || !is_integer(start.element()))
    throw TypeError(message(function, ": expected integers without axes as starts, got ",
                            to_string(start.type())));
  const int64_t value = *cast(start, Element::kInt64).as<int64_t>();
  return kind_of(start.element()) == ElementKind::kUnsigned && value < 0 ? INT64_MAX : value;
}

Dims clamped_starts(const Dims& shape, std::span<const Array> starts, const Dims& sizes,
                    const char* function) {
  const int rank = shape.size();
  if (sizes.size() != rank || starts.size() != static_cast<size_t>(rank))
    throw ShapeError(message(function, ": expected sizes and starts of ", rank, " axes, got ",
                             sizes.size(), " and ", starts.size()));
  Dims out;
  for (int axis = 0; axis < rank; ++axis) {
    if (sizes[axis] < 0 || sizes[axis] > shape[axis])
      throw ShapeError(message(function, ": expected a block within ", to_string(shape), ", got ",
                               to_string(sizes)));
    const int64_t start = start_of(starts[static_cast<size_t>(axis)], function);
    out.push_back(std::clamp<int64_t>(start, 0, shape[axis] - sizes[axis]));
  }
  return out;
}

}  // namespace

Array dynamic_slice(const Array& operand, std::span<const Array> starts, const Dims& sizes) {
  const Dims from = clamped_starts(operand.shape(), starts, sizes, "dynamic_slice");
  Array out = operand;
  for (int axis = 0; axis < from.size(); ++axis)
    out = slice_axis(out, axis, from[axis], 1, sizes[axis]);
  return out;
}

Array dynamic_update_slice(const Array& operand, const Array& update,
                           std::span<const Array> starts) {
  if (update.element() != operand.element())
    throw TypeError(message("dynamic_update_slice: expected an update of ",
                            name_of(operand.element()), ", got ", to_string(update.type())));
  const Dims to = clamped_starts(operand.shape(), starts, update.shape(), "dynamic_update_slice");
  Array out = copy(operand);
  copy_into(out, to, Dims::filled(to.size(), 1), update);
  return out;
}

}  // namespace cne::tensor
