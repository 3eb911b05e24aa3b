#include "tensor/view.h"

#include <optional>

#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

namespace {

/// Strides of the new shape over the same bytes, if there are: every group of old axes that becomes
/// a group of new ones has to lie in order.
std::optional<Dims> strides_for(const Array& array, const Dims& shape) {
  Dims old_shape;
  Dims old_strides;
  for (int axis = 0; axis < array.rank(); ++axis) {
    if (array.shape()[axis] == 1) continue;
    old_shape.push_back(array.shape()[axis]);
    old_strides.push_back(array.strides()[axis]);
  }
  Dims out = Dims::filled(shape.size(), 0);
  int from = 0;
  int to = 0;
  while (from < old_shape.size()) {
    int from_end = from + 1;
    int to_end = to;
    int64_t old_extent = old_shape[from];
    int64_t new_extent = 1;
    do {
      if (new_extent < old_extent || to_end == to)
        new_extent *= shape[to_end++];
      else
        old_extent *= old_shape[from_end++];
    } while (new_extent != old_extent);
    for (int axis = from; axis + 1 < from_end; ++axis)
      if (old_strides[axis] != old_strides[axis + 1] * old_shape[axis + 1]) return std::nullopt;
    int64_t stride = old_strides[from_end - 1];
    for (int axis = to_end - 1; axis >= to; --axis) {
      out[axis] = stride;
      stride *= shape[axis];
    }
    from = from_end;
    to = to_end;
  }
  return out;
}

}  // namespace

int normalize_axis(int64_t axis, int rank, const char* function) {
  if (axis < -rank || axis >= rank)
    throw AxisError(
        message(function, ": expected an axis of -", rank, " to ", rank - 1, ", got ", axis));
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Dims normalize_axes(const Dims& axes, int rank, const char* function) {
  Dims out;
  for (const int64_t each : axes) {
    const int axis = normalize_axis(each, rank, function);
    if (out.contains(axis))
      throw ArgumentError(message(function, ": axis ", axis, " is named twice"));
    out.push_back(axis);
  }
  return out;
}

int64_t checked_index(int64_t index, int axis, int64_t extent) {
  if (index < -extent || index >= extent)
    throw ArgumentError(message("index: expected an index of axis ", axis, " of -", extent, " to ",
                                extent - 1, ", got ", index));
  return index < 0 ? index + extent : index;
}

Dims reshaped(const Type& type, const Dims& wanted) {
  Dims shape = wanted;
  int open = -1;
  int64_t known = 1;
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == -1 && open < 0)
      open = axis;
    else if (shape[axis] < 0 || __builtin_mul_overflow(known, shape[axis], &known))
      throw ShapeError(message("reshape: expected extents of at least 0, and at most one -1, got ",
                               to_string(wanted)));
  }
  const int64_t size = type.size();
  if (open >= 0 && known != 0 && size % known == 0) {
    shape[open] = size / known;
    known *= shape[open];
  }
  if (known != size || (open >= 0 && shape[open] < 0))
    throw ShapeError(message("reshape: the shape ", to_string(wanted), " does not hold the ", size,
                             " elements of ", to_string(type.shape)));
  return shape;
}

Array reshape(const Array& array, const Dims& wanted) {
  const Dims shape = reshaped(array.type(), wanted);
  if (array.is_contiguous() || array.size() == 0)
    return array.view(array.element(), shape, row_major_strides(shape), array.offset());
  if (const auto strides = strides_for(array, shape))
    return array.view(array.element(), shape, *strides, array.offset());
  return reshape(contiguous(array), shape);
}

Array permute(const Array& array, const Dims& wanted) {
  if (wanted.size() != array.rank())
    throw ArgumentError(
        message("permute_dims: expected ", array.rank(), " axes, got ", to_string(wanted)));
  const Dims axes = normalize_axes(wanted, array.rank(), "permute_dims");
  Dims shape = axes;
  Dims strides = axes;
  for (int i = 0; i < axes.size(); ++i) {
    shape[i] = array.shape()[static_cast<int>(axes[i])];
    strides[i] = array.strides()[static_cast<int>(axes[i])];
  }
  return array.view(array.element(), shape, strides, array.offset());
}

Dims expanded(const Dims& old, const Dims& wanted) {
  const int rank = old.size() + wanted.size();
  if (rank > kMaxRank)
    throw ShapeError(message("expand_dims: expected at most ", kMaxRank, " axes, got ", rank));
  const Dims axes = normalize_axes(wanted, rank, "expand_dims");
  Dims shape;
  for (int axis = 0, from = 0; axis < rank; ++axis)
    shape.push_back(axes.contains(axis) ? 1 : old[from++]);
  return shape;
}

Array expand_dims(const Array& array, const Dims& wanted) {
  const Dims shape = expanded(array.shape(), wanted);
  const Dims axes = normalize_axes(wanted, shape.size(), "expand_dims");
  Dims strides;
  for (int axis = 0, from = 0; axis < shape.size(); ++axis)
    strides.push_back(axes.contains(axis) ? 0 : array.strides()[from++]);
  return array.view(array.element(), shape, strides, array.offset());
}

Dims squeezed(const Dims& old, const Dims& wanted) {
  const Dims axes = normalize_axes(wanted, old.size(), "squeeze");
  Dims shape;
  for (int axis = 0; axis < old.size(); ++axis) {
    if (!axes.contains(axis))
      shape.push_back(old[axis]);
    else if (old[axis] != 1)
      throw ShapeError(message("squeeze: expected axis ", axis, " of ", to_string(old),
                               " to have the extent 1"));
  }
  return shape;
}

Array squeeze(const Array& array, const Dims& wanted) {
  const Dims shape = squeezed(array.shape(), wanted);
  const Dims axes = normalize_axes(wanted, array.rank(), "squeeze");
  Dims strides;
  for (int axis = 0; axis < array.rank(); ++axis)
    if (!axes.contains(axis)) strides.push_back(array.strides()[axis]);
  return array.view(array.element(), shape, strides, array.offset());
}

void check_broadcast(const Type& type, const Dims& shape) {
  check_shape(shape, type.element, "broadcast_to");
  if (shape.size() < type.shape.size() ||
      !(broadcast_shapes(type.shape, shape, "broadcast_to") == shape))
    throw ShapeError(message("broadcast_to: the shape ", to_string(type.shape),
                             " cannot be broadcast to ", to_string(shape)));
}

Array broadcast_to(const Array& array, const Dims& shape) {
  if (array.shape() == shape) return array;
  check_broadcast(array.type(), shape);
  return array.view(array.element(), shape, broadcast_strides(array, shape), array.offset());
}

Array slice_axis(const Array& array, int axis, int64_t start, int64_t step, int64_t count) {
  Dims shape = array.shape();
  Dims strides = array.strides();
  const int64_t first = count > 0 ? start * strides[axis] : 0;
  shape[axis] = count;
  strides[axis] *= step;
  return array.view(array.element(), shape, strides,
                    array.offset() + first * static_cast<int64_t>(size_of(array.element())));
}

Array slice(const Array& array, const Dims& starts, const Dims& steps, const Dims& counts) {
  Array out = array;
  for (int axis = 0; axis < array.rank(); ++axis)
    out = slice_axis(out, axis, starts[axis], steps[axis], counts[axis]);
  return out;
}

Array flip(const Array& array, const Dims& wanted) {
  Array out = array;
  for (const int64_t axis : normalize_axes(wanted, array.rank(), "flip")) {
    const int64_t extent = array.shape()[static_cast<int>(axis)];
    out = slice_axis(out, static_cast<int>(axis), extent - 1, -1, extent);
  }
  return out;
}

Array take_one(const Array& array, int axis, int64_t index) {
  const int64_t extent = array.shape()[axis];
  const Array one = slice_axis(array, axis, checked_index(index, axis, extent), 1, 1);
  Dims shape = one.shape();
  Dims strides = one.strides();
  shape.erase(axis);
  strides.erase(axis);
  return one.view(one.element(), shape, strides, one.offset());
}

}  // namespace cne::tensor
