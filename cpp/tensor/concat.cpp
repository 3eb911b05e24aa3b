#include "tensor/concat.h"

#include <cstring>
#include <vector>

#include "core/error.h"
#include "tensor/strided_copy.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

/// Bytes of a part that is copied by one thread, without looking how it lies.
constexpr int64_t kSmall = 1 << 15;

/// Whether two shapes are the same, but for this axis.
bool are_same_but_along(int axis, const Dims& a, const Dims& b) {
  if (a.size() != b.size()) return false;
  for (int i = 0; i < a.size(); ++i)
    if (i != axis && a[i] != b[i]) return false;
  return true;
}

/// Runs of `width` bytes that lie one behind the other to places `stride` bytes apart.
void copy_parts(const uint8_t* from, int64_t count, size_t width, uint8_t* to, size_t stride) {
  for (int64_t i = 0; i < count; ++i, from += width, to += stride) {
    if (width == 4)
      std::memcpy(to, from, 4);
    else if (width == 8)
      std::memcpy(to, from, 8);
    else
      std::memcpy(to, from, width);
  }
}

}  // namespace

Type concat_type(std::span<const Type> types, int64_t wanted) {
  if (types.empty()) throw ArgumentError("concat: expected at least one array, got none");
  const Type& first = types.front();
  const int axis = normalize_axis(wanted, first.shape.size(), "concat");
  Type out = first;
  out.shape[axis] = 0;
  for (const Type& type : types) {
    if (type.element != out.element)
      throw TypeError(message("concat: expected arrays of one type, got ", to_string(first),
                              " and ", to_string(type)));
    if (!are_same_but_along(axis, type.shape, out.shape))
      throw ShapeError(message("concat: expected shapes that differ along axis ", axis,
                               " only, got ", to_string(first.shape), " and ",
                               to_string(type.shape)));
    out.shape[axis] += type.shape[axis];
  }
  check_shape(out.shape, out.element, "concat");
  return out;
}

Array concat(std::span<const Array> arrays, int64_t wanted) {
  std::vector<Type> types;
  types.reserve(arrays.size());
  for (const Array& each : arrays) types.push_back(each.type());
  Type type = concat_type(types, wanted);
  type.device = common_device("concat", arrays);
  if (arrays.size() == 1) return arrays.front();
  const int axis = normalize_axis(wanted, type.shape.size(), "concat");
  Array out = Array::empty(type);
  Dims starts = Dims::filled(type.shape.size(), 0);
  const Dims steps = Dims::filled(type.shape.size(), 1);
  // What is in front of the axis comes so often, and a step along it is so many bytes.
  int64_t runs = 1;
  size_t step = size_of(type.element);
  for (int i = 0; i < type.shape.size(); ++i) {
    if (i < axis) runs *= type.shape[i];
    if (i > axis) step *= static_cast<size_t>(type.shape[i]);
  }
  for (const Array& array : arrays) {
    const auto extent = static_cast<size_t>(array.shape()[axis]);
    const bool is_small = array.size() * static_cast<int64_t>(size_of(type.element)) <= kSmall;
    if (is_small && type.device.is_cpu() && array.is_contiguous())
      copy_parts(array.data(), runs, extent * step,
                 out.mutable_data() + static_cast<size_t>(starts[axis]) * step,
                 static_cast<size_t>(type.shape[axis]) * step);
    else
      copy_into(out, starts, steps, array);
    starts[axis] += array.shape()[axis];
  }
  return out;
}

}  // namespace cne::tensor
