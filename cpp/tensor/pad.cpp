#include "tensor/pad.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/strided_copy.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Of one axis, which elements of the array stay and where they go.
struct Range {
  int64_t source;  // the first one that stays
  int64_t target;
  int64_t count;
};

constexpr int64_t kLargest = int64_t{1} << 62;

Range range_of(int64_t extent, int64_t low, int64_t step, int64_t out) {
  const int64_t source = low < 0 ? (-low + step - 1) / step : 0;
  const int64_t target = low + source * step;
  const int64_t room = out > target ? (out - 1 - target) / step + 1 : 0;
  return {source, target, std::clamp<int64_t>(extent - source, 0, room)};
}

void fill(Array& out, const Dims& starts, const Dims& shape, const Array& value) {
  copy_into(out, starts, Dims::filled(shape.size(), 1), broadcast_to(value, shape));
}

/// What is before and behind the elements: slabs, axis by axis, that do not overlap.
void fill_around(Array& out, const Dims& starts, const Dims& counts, const Array& value) {
  Dims slab_starts = Dims::filled(out.rank(), 0);
  Dims slab = out.shape();
  for (int axis = 0; axis < out.rank(); ++axis) {
    const int64_t end = starts[axis] + counts[axis];
    slab[axis] = starts[axis];
    fill(out, slab_starts, slab, value);
    slab_starts[axis] = end;
    slab[axis] = out.shape()[axis] - end;
    fill(out, slab_starts, slab, value);
    slab_starts[axis] = starts[axis];
    slab[axis] = counts[axis];
  }
}

}  // namespace

Dims padded_shape(const Dims& shape, const Dims& low, const Dims& high, const Dims& interior) {
  const int rank = shape.size();
  if (low.size() != rank || high.size() != rank || interior.size() != rank)
    throw ShapeError(message("pad: expected numbers for each of ", rank, " axes, got ", low.size(),
                             ", ", high.size(), " and ", interior.size()));
  Dims out = shape;
  for (int axis = 0; axis < rank; ++axis) {
    int64_t extent = 0;
    const bool is_large =
        low[axis] < -kLargest || high[axis] < -kLargest || interior[axis] > kLargest ||
        __builtin_mul_overflow(std::max<int64_t>(shape[axis] - 1, 0), interior[axis], &extent) ||
        __builtin_add_overflow(extent, shape[axis], &extent) ||
        __builtin_add_overflow(extent, low[axis], &extent) ||
        __builtin_add_overflow(extent, high[axis], &extent);
    if (is_large || extent < 0 || interior[axis] < 0)
      throw ShapeError(message("pad: expected extents of at least 0, got axis ", axis, " of ",
                               shape[axis], " with ", low[axis], ", ", high[axis], " and ",
                               interior[axis], " between"));
    out[axis] = extent;
  }
  return out;
}

Array pad(const Array& array, const Array& value, const Dims& low, const Dims& high,
          const Dims& interior) {
  if (value.element() != array.element() || value.rank() != 0)
    throw TypeError(message("pad: expected a value of ", name_of(array.element()),
                            " without axes, got ", to_string(value.type())));
  const Array both[] = {array, value};
  const Type type{array.element(), padded_shape(array.shape(), low, high, interior),
                  common_device("pad", both)};
  check_shape(type.shape, type.element, "pad");
  Array out = Array::empty(type);
  if (out.size() == 0) return out;
  Array kept = array;
  Dims starts = low;
  Dims steps = interior;
  bool has_gaps = false;
  for (int axis = 0; axis < out.rank(); ++axis) {
    steps[axis] = interior[axis] + 1;
    const Range range = range_of(array.shape()[axis], low[axis], steps[axis], type.shape[axis]);
    kept = slice_axis(kept, axis, range.source, 1, range.count);
    starts[axis] = range.target;
    has_gaps |= range.count > 1 && steps[axis] > 1;
  }
  const Dims none = Dims::filled(out.rank(), 0);
  if (has_gaps || kept.size() == 0)
    fill(out, none, type.shape, value);
  else
    fill_around(out, starts, kept.shape(), value);
  if (kept.size() != 0) copy_into(out, starts, steps, kept);
  return out;
}

}  // namespace cne::tensor
