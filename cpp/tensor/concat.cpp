#include "tensor/concat.h"

#include <vector>

#include "core/error.h"
#include "tensor/strided_copy.h"
#include "tensor/transfer.h"
#include "tensor/view.h"

namespace cne::tensor {

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
    Dims others = type.shape;
    if (others.size() == out.shape.size()) others[axis] = out.shape[axis];
    if (!(others == out.shape))
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
  for (const Array& each : arrays) types.push_back(each.type());
  Type type = concat_type(types, wanted);
  type.device = common_device("concat", arrays);
  if (arrays.size() == 1) return arrays.front();
  const int axis = normalize_axis(wanted, type.shape.size(), "concat");
  Array out = Array::empty(type);
  Dims starts = Dims::filled(type.shape.size(), 0);
  const Dims steps = Dims::filled(type.shape.size(), 1);
  for (const Array& array : arrays) {
    copy_into(out, starts, steps, array);
    starts[axis] += array.shape()[axis];
  }
  return out;
}

}  // namespace cne::tensor
