#include "tensor/iota.h"

#include <numeric>

#include "core/error.h"
#include "tensor/elementwise.h"
#include "tensor/view.h"

namespace cne::tensor {

Array iota(const Type& type, int64_t wanted) {
  if (type.element == Element::kBool) throw TypeError("iota: expected numbers, got bool");
  check_shape(type.shape, type.element, "iota");
  const int axis = normalize_axis(wanted, type.shape.size(), "iota");
  const int64_t extent = type.shape[axis];
  check_shape({extent}, Element::kInt64, "iota");
  Array line = Array::empty({Element::kInt64, {extent}, {}});
  std::iota(line.mutable_as<int64_t>(), line.mutable_as<int64_t>() + extent, int64_t{0});
  const Array cast_line = cast(line, type.element);
  Dims strides = Dims::filled(type.shape.size(), 0);
  strides[axis] = 1;
  return cast_line.view(type.element, type.shape, strides, cast_line.offset());
}

}  // namespace cne::tensor
