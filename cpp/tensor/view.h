#pragma once

#include "core/error.h"
#include "tensor/primitive.h"

namespace cne::tensor {

/// An array has no such axis. In Python a ValueError and an IndexError, as NumPy's is.
class AxisError : public ArgumentError {
 public:
  using ArgumentError::ArgumentError;
};

// Other ways to see the same elements. What can be is a view of the same bytes; only a reshape of
// elements that do not lie in order copies.

/// The axes of `axes` as numbers from 0; negative ones count from the end. Throws AxisError
/// naming `function` for one that is not there, ArgumentError for one that is named twice.
Dims normalize_axes(const Dims& axes, int rank, const char* function);
int normalize_axis(int64_t axis, int rank, const char* function);

/// The place of an index that may count from the end. Throws ArgumentError when it is not there.
int64_t checked_index(int64_t index, int axis, int64_t extent);
// The shapes that reshape, expand_dims and squeeze give; they throw as these do.
Dims reshaped(const Type& type, const Dims& wanted);
Dims expanded(const Dims& shape, const Dims& axes);
Dims squeezed(const Dims& shape, const Dims& axes);
/// Throws ShapeError when it cannot be broadcast to the shape.
void check_broadcast(const Type& type, const Dims& shape);

/// The elements row by row in another shape, of which one extent may be -1: what is left. Throws
/// ShapeError when it has another number of elements.
Array reshape(const Array& array, const Dims& shape);
/// out.shape[i] = array.shape[axes[i]].
Array permute(const Array& array, const Dims& axes);
/// Axes of the extent 1 at these places of the result.
Array expand_dims(const Array& array, const Dims& axes);
/// Without these axes. Throws ShapeError for one whose extent is not 1.
Array squeeze(const Array& array, const Dims& axes);
Array broadcast_to(const Array& array, const Dims& shape);
Array flip(const Array& array, const Dims& axes);

/// Of one axis `count` elements from `start` on, each `step` behind the one before; the caller has
/// checked that they are there.
Array slice_axis(const Array& array, int axis, int64_t start, int64_t step, int64_t count);
/// One element of an axis, which goes. Throws ArgumentError when it is not there; negative ones
/// count from the end.
Array take_one(const Array& array, int axis, int64_t index);

/// Of every axis `counts` elements from `starts` on, `steps` apart (also backwards).
Array slice(const Array& array, const Dims& starts, const Dims& steps, const Dims& counts);

// As primitives, also of values inside transformations: reshape (with expand_dims and squeeze),
// permute, broadcast_to and slice (with flip and take_one).
Value reshape(const Value& value, const Dims& shape);
Value permute(const Value& value, const Dims& axes);
Value expand_dims(const Value& value, const Dims& axes);
Value squeeze(const Value& value, const Dims& axes);
Value broadcast_to(const Value& value, const Dims& shape);
Value flip(const Value& value, const Dims& axes);
Value slice(const Value& value, const Dims& starts, const Dims& steps, const Dims& counts);
Value slice_axis(const Value& value, int axis, int64_t start, int64_t step, int64_t count);
Value take_one(const Value& value, int axis, int64_t index);
/// One axis of a value in another place.
Value move_axis(const Value& value, int from, int to);

/// Of kReshape and kBroadcast.
struct ShapeParams {
  Dims shape;
  auto fields() const { return std::tie(shape); }
};
struct AxesParams {
  Dims axes;
  auto fields() const { return std::tie(axes); }
};
struct SliceParams {
  Dims starts;
  Dims steps;
  Dims counts;
  auto fields() const { return std::tie(starts, steps, counts); }
};

extern const Primitive kReshape;
extern const Primitive kPermute;
extern const Primitive kBroadcast;
extern const Primitive kSlice;

}  // namespace cne::tensor
