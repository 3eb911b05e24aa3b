#include "tensor/rows.h"

#include "tensor/strided_copy.h"
#include "tensor/view.h"

namespace cne::tensor {

namespace {

Array moved(const Array& array, int from, int to) {
  Dims axes = Dims::range(0, array.rank());
  axes.erase(from);
  axes.insert(to, from);
  return permute(array, axes);
}

Array copied(const Array& array) {
  Array out = Array::empty(array.type());
  copy_into(out, Dims::filled(out.rank(), 0), Dims::filled(out.rank(), 1), array);
  return out;
}

}  // namespace

Array rows_along(const Array& array, int axis) {
  return copied(moved(array, axis, array.rank() - 1));
}

Array contiguous_rows_along(const Array& array, int axis) {
  const Array out = moved(array, axis, array.rank() - 1);
  return out.is_contiguous() ? out : copied(out);
}

Array rows_back(const Array& rows, int axis) {
  const Array out = moved(rows, rows.rank() - 1, axis);
  return out.is_contiguous() ? out : copied(out);
}

}  // namespace cne::tensor
